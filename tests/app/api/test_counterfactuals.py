"""What would have to change, by JSON: from a person's own sealed inputs, and nothing else."""

import json
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from app.transaction import House
from model.inputs import Criterion
from sources.activity import Platform
from tests.app.api.speaking import Api
from tests.conftest import SettableClock
from tests.making import create, outbox, received
from tests.people import Person, give_consent, import_archive, new_person, withdraw_consent

MASTODON = outbox([create(number, **received(40, 9)) for number in range(1, 30)])
ASKED = "/score/counterfactuals"


@pytest.fixture
def scored(sqlite_house: House, api: Api, person: Person) -> Api:
    """Somebody with a score from Mastodon."""
    give_consent(sqlite_house, person, Platform.MASTODON)
    import_archive(sqlite_house, person, Platform.MASTODON, MASTODON)
    return api


def changes_in(sent: dict[str, Any]) -> list[dict[str, Any]]:
    answers = [*sent["singles"], sent["least_effort"]]
    return [change for answer in answers if answer["is_reachable"] for change in answer["changes"]]


def test_by_default_it_is_about_five_points_more(scored: Api) -> None:
    score = scored("GET", "/score").json

    sent = scored("GET", ASKED).json

    assert sent["score"] == score["score"]
    assert sent["target"] == score["score"] + 5
    assert sent["exact"] == pytest.approx(score["exact"], abs=1e-9)
    assert (sent["model"], sent["computed_at"]) == (score["model"], score["computed_at"])
    assert [one["criterion"] for one in sent["singles"]] == [criterion.value for criterion in Criterion]
    assert sent["least_effort"]["is_reachable"]
    assert sent["least_effort"]["score"] >= sent["target"]


def test_every_answer_follows_the_json_schema_of_the_explanation(scored: Api) -> None:
    whole = scored("GET", "/score/explanation/schema").json
    schema = whole["properties"]["counterfactuals"]

    for target in (None, 2, 30, 100):
        sent = scored("GET", ASKED if target is None else f"{ASKED}?target={target}").json
        parts = {name: sent[name] for name in schema["properties"]}
        Draft202012Validator({**schema, "$defs": whole["$defs"]}).validate(parts)


def test_what_is_held_fixed_is_left_as_it_is(scored: Api) -> None:
    sent = scored("GET", f"{ASKED}?target=14&held_fixed=consistency&held_fixed=amplification").json

    assert sent["held_fixed"] == ["amplification", "consistency"]
    assert sent["least_effort"]["is_reachable"]
    assert [change["criterion"] for change in sent["least_effort"]["changes"]] == ["appreciation"]


def test_what_the_data_do_not_hold_and_what_others_decide_is_not_advised(scored: Api) -> None:
    sent = scored("GET", f"{ASKED}?target=40").json

    reasons = {one["criterion"]: one.get("reason") for one in sent["singles"]}
    assert reasons["audience"] == reasons["recognition"] == "not-controllable"
    assert reasons["conversation"] == "missing"
    assert {change["platform"] for change in changes_in(sent)} == {"mastodon"}


def test_a_score_out_of_reach_is_said_with_the_highest_there_is(scored: Api) -> None:
    sent = scored("GET", f"{ASKED}?target=100").json

    assert sent["least_effort"] == {
        "is_reachable": False,
        "reason": "not-reachable",
        "highest": pytest.approx(40.0),
        "highest_score": 40,
    }


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("target=0", "target"),
        ("target=101", "target"),
        ("target=seventy", "target"),
        ("target=50.5", "target"),
        ("target=60&target=70", "target"),
        ("held_fixed=fame", "held_fixed"),
        ("held_fixed=%00", "held_fixed"),
        ("subject_id=1", "subject_id"),
    ],
)
def test_anything_else_in_the_query_is_refused_by_name(scored: Api, asked: str, named: str) -> None:
    answer = scored("GET", f"{ASKED}?{asked}")

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [named]
    assert "fame" not in answer.text


def test_without_a_score_the_answer_says_why_as_the_score_does(
    sqlite_house: House, api: Api, person: Person
) -> None:
    assert api("GET", ASKED).json == api("GET", "/score").json == absent("no-consent")

    give_consent(sqlite_house, person, Platform.MASTODON)

    assert api("GET", ASKED).json == api("GET", "/score").json == absent("no-import")


def absent(reason: str) -> dict[str, Any]:
    return {"status": "not-computed", "score": None, "reason": reason}


def test_after_the_withdrawal_of_the_consent_there_is_nothing_to_advise_from(
    sqlite_house: House, scored: Api, person: Person, clock: SettableClock
) -> None:
    clock.advance(timedelta(hours=1))
    withdraw_consent(sqlite_house, person, Platform.MASTODON)

    assert scored("GET", ASKED).json == absent("no-consent")


def test_nobody_learns_anything_about_another_person(sqlite_house: House, scored: Api) -> None:
    new_person(sqlite_house, "eve@example.org")
    eve = Api(scored.app)
    eve.sign_in("eve@example.org")

    assert eve("GET", ASKED).json == absent("no-consent")
    assert "example.org" not in json.dumps(scored("GET", ASKED).json)
