"""The score by JSON: what goes out without marshmallow is exactly what its schemas say."""

from datetime import timedelta
from math import fsum

import pytest
from marshmallow import Schema

from app.api.score_schemas import NetworkViewSchema, ScoreSchema
from app.jobs import MOST_ATTEMPTS, JobKind, lease
from app.transaction import House
from app.worker import Worker
from model.inputs import Criterion
from sources.activity import Platform
from tests.app.api.speaking import Api
from tests.conftest import SettableClock
from tests.making import create, outbox, received, tweet, x_archive
from tests.people import CollectingMailer, Person, give_consent, import_archive, new_person, upload_archive

X = x_archive([tweet(number, created_at="Tue Nov 10 20:19:24 +0000 2026") for number in range(1, 30)])
MASTODON = outbox([create(number, **received(40, 9)) for number in range(1, 30)])


@pytest.fixture
def scored(sqlite_house: House, api: Api, person: Person) -> Api:
    """Somebody with a score from two networks."""
    for platform, archive in ((Platform.X, X), (Platform.MASTODON, MASTODON)):
        give_consent(sqlite_house, person, platform)
        import_archive(sqlite_house, person, platform, archive)
    return api


@pytest.mark.parametrize(
    ("path", "schema"), [("/score", ScoreSchema), ("/score?platform=mastodon", NetworkViewSchema)]
)
def test_what_goes_out_is_what_the_schema_would_have_made(
    scored: Api, path: str, schema: type[Schema]
) -> None:
    sent = scored("GET", path).json

    assert schema().dump(schema().load(sent)) == sent


def test_the_parts_add_up_to_the_score_in_both_views(scored: Api) -> None:
    score = scored("GET", "/score").json

    earned = score["base"] + fsum(one["points"] for one in score["criteria"])
    compared = score["comparison"]["base"] + fsum(score["comparison"]["values"].values())
    assert earned == pytest.approx(score["exact"], abs=1e-9)
    assert compared == pytest.approx(score["exact"], abs=1e-9)
    assert [one["name"] for one in score["criteria"]] == [criterion.value for criterion in Criterion]
    for one in score["criteria"]:
        assert fsum(one["by_network"].values()) == pytest.approx(one["points"], abs=1e-9)


def test_one_networks_view_says_what_it_brought_to_the_whole(scored: Api) -> None:
    whole, one = scored("GET", "/score").json, scored("GET", "/score?platform=mastodon").json

    assert one["score"] == next(net["score"] for net in whole["networks"] if net["platform"] == "mastodon")
    split = {part["name"]: part["by_network"].get("mastodon") for part in whole["criteria"]}
    assert one["points_in_score"] == split


def test_a_score_says_whether_its_data_are_old(sqlite_house: House, api: Api, person: Person) -> None:
    give_consent(sqlite_house, person, Platform.X)
    import_archive(sqlite_house, person, Platform.X, X)
    fresh = api("GET", "/score").json["is_stale"]

    import_archive(sqlite_house, person, Platform.X, x_archive([tweet()]))  # of 2018

    assert (fresh, api("GET", "/score").json["is_stale"]) == (False, True)


def test_the_history_is_newest_first(
    sqlite_house: House, scored: Api, person: Person, clock: SettableClock
) -> None:
    clock.advance(timedelta(hours=1))
    import_archive(sqlite_house, person, Platform.X, x_archive([tweet()]))

    scores = scored("GET", "/score/history").json["scores"]

    assert [one["platforms"] for one in scores] == [["mastodon", "x"], ["mastodon", "x"], ["x"]]
    assert scores[0]["computed_at"] > scores[1]["computed_at"]


def test_a_network_that_brought_nothing_yet_has_no_score_of_its_own(
    sqlite_house: House, api: Api, person: Person
) -> None:
    give_consent(sqlite_house, person, Platform.X)
    give_consent(sqlite_house, person, Platform.MASTODON)
    import_archive(sqlite_house, person, Platform.X, X)

    assert api("GET", "/score?platform=x").json["status"] == "computed"
    assert api("GET", "/score?platform=mastodon").json == {
        "status": "not-computed",
        "score": None,
        "reason": "no-import",
    }


def test_a_computation_that_never_came_to_an_end_is_not_said_to_be_running(
    sqlite_house: House, api: Api, person: Person, clock: SettableClock
) -> None:
    give_consent(sqlite_house, person, Platform.X)
    upload_archive(sqlite_house, person, Platform.X, X)
    worker = Worker(sqlite_house, CollectingMailer())
    worker.run_once()  # the import; the score now waits
    for _ in range(MOST_ATTEMPTS):
        with sqlite_house.open_vault("worker") as vault:
            taken = lease(vault, timedelta(seconds=30))
        assert taken is not None
        assert taken.kind is JobKind.SCORE
        clock.advance(timedelta(minutes=1))  # and the worker died

    worker.run_once()

    assert api("GET", "/score").json == {"status": "not-computed", "score": None, "reason": "failed"}


def test_nobody_sees_another_persons_score(sqlite_house: House, scored: Api) -> None:
    new_person(sqlite_house, "eve@example.org")
    eve = Api(scored.app)
    eve.sign_in("eve@example.org")

    assert eve("GET", "/score").json["reason"] == "no-consent"
    assert eve("GET", "/score?platform=x").status_code == 403
    assert eve("GET", "/score/history").json == {"scores": []}
