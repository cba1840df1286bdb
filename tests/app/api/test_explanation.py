"""The explanation by JSON: its own schema, its sentences, and what may be asked."""

import pytest
from jsonschema import Draft202012Validator

from app.transaction import House
from explain.explanation_json import SCHEMA, explanation_schema
from sources.activity import Platform
from tests.app.api.speaking import Api
from tests.people import Person, give_consent, import_archive, mastodon_zip, x_zip


@pytest.fixture
def scored(sqlite_house: House, api: Api, person: Person) -> Api:
    """Somebody with a score from two networks."""
    for platform, archive in ((Platform.X, x_zip()), (Platform.MASTODON, mastodon_zip(likes=40))):
        give_consent(sqlite_house, person, platform)
        import_archive(sqlite_house, person, platform, archive)
    return api


def test_what_goes_out_follows_the_published_schema(scored: Api, stranger: Api) -> None:
    schema = stranger("GET", "/score/explanation/schema").json
    sent = scored("GET", "/score/explanation").json

    assert schema == explanation_schema()
    assert [error.message for error in Draft202012Validator(schema).iter_errors(sent)] == []
    assert sent["schema"] == SCHEMA
    assert sent["changes"]["status"] == "changed"
    assert sent["recipients"]["disclosed_to"] == []


def test_it_explains_the_very_score_that_is_shown(scored: Api) -> None:
    score, explained = scored("GET", "/score").json, scored("GET", "/score/explanation").json

    for name in ("score", "exact", "model", "features", "computed_at"):
        assert explained[name] == score[name]
    assert {one["criterion"]: one["points"] for one in explained["earned"]["criteria"]} == {
        one["name"]: one["points"] for one in score["criteria"]
    }


def test_the_sentences_are_in_the_language_asked_for(scored: Api) -> None:
    english = scored("GET", "/score/explanation").json
    german = scored("GET", "/score/explanation?language=de").json

    assert english["words"]["summary"][0].startswith("The score is")
    assert german["words"]["summary"][0].startswith("Der Score ist")
    assert (english["language"], german["language"]) == ("en", "de")


def test_another_score_can_be_asked_for(scored: Api) -> None:
    sent = scored("GET", "/score/explanation?target=77").json

    assert sent["counterfactuals"]["target"] == 77


@pytest.mark.parametrize("query", ["target=0", "target=101", "target=x", "language=fr", "platform=x"])
def test_what_cannot_be_asked_is_refused(scored: Api, query: str) -> None:
    assert scored("GET", f"/score/explanation?{query}").status_code == 422


def test_without_a_score_the_answer_is_that_of_the_score(api: Api) -> None:
    assert api("GET", "/score/explanation").json == api("GET", "/score").json


def test_it_is_for_its_person_alone(stranger: Api) -> None:
    assert stranger("GET", "/score/explanation").status_code == 401
