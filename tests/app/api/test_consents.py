"""Consents by JSON: bound to the words that were shown and to the state that was seen."""

from app.consents import scopes
from app.transaction import House
from consent.notice import notice
from consent.purpose import Purpose, Scope, score_scope
from sources.activity import Platform
from tests.app.api.speaking import Answered, Api
from tests.people import work


def test_everything_is_off_at_first_and_shows_the_words(api: Api) -> None:
    consents = api("GET", "/consents?language=de").json["consents"]

    assert [(one["purpose"], one["about"]) for one in consents] == [
        (scope.purpose, scope.about) for scope in scopes()
    ]
    assert not any(one["is_in_force"] or one["number"] or one["decided_at"] for one in consents)
    shown = notice(score_scope(Platform.X), "de")
    assert consents[0]["notice"] == {
        "version": shown.version,
        "language": "de",
        "question": shown.question,
        "text": shown.text,
        "sha256": shown.sha256,
    }


def test_what_the_list_shows_is_enough_to_decide(api: Api) -> None:
    shown = api("GET", "/consents").json["consents"][0]

    answer = api(
        "PUT",
        f"/consents/{shown['purpose']}/{shown['about']}",
        {
            "decision": "given",
            "notice_sha256": shown["notice"]["sha256"],
            "language": shown["notice"]["language"],
            "seen": shown["number"],
        },
    )

    assert (answer.json["is_in_force"], answer.json["number"]) == (True, 1)
    assert answer.json == api("GET", "/consents").json["consents"][0]


def test_a_decision_on_other_words_or_on_an_outdated_state_is_refused(api: Api) -> None:
    other_words = api.decide(Platform.X, "given", 0, notice_sha256="0" * 64)
    api.decide(Platform.X, "given", 0)
    outdated = api.decide(Platform.X, "withdrawn", 0)

    assert other_words.json["type"] == "/problems/notice-unknown"
    assert outdated.json["type"] == "/problems/consent-changed"


def test_nothing_given_cannot_be_withdrawn(api: Api) -> None:
    assert api.decide(Platform.X, "withdrawn", 0).json["type"] == "/problems/consent-missing"


def test_a_scope_nobody_decides_on_is_not_found(api: Api) -> None:
    decided = {"decision": "given", "notice_sha256": "0" * 64, "language": "en", "seen": 0}

    for scope in (
        "brand.share",
        "score.compute",
        "mail.news/x",
        "score.compute/elsewhere",
        "account/x",
        "score.compute/X",
        "nonsense/x",
    ):
        assert api("PUT", f"/consents/{scope}", decided).status_code == 404


def test_wrong_types_in_a_decision_are_named(api: Api) -> None:
    answer = api.decide(Platform.X, "maybe", 0, seen="0", notice_sha256="0", language=1)

    assert set(answer.json["errors"]) == {"decision", "seen", "notice_sha256", "language"}
    assert set(api.decide(Platform.X, "given", 2**31).json["errors"]) == {"seen"}
    assert set(api.decide(Platform.X, "given", True).json["errors"]) == {"seen"}


def test_a_yes_to_be_mailed_to_is_requested_confirmed_and_taken_back(api: Api, sqlite_house: House) -> None:
    def decided(decision: str, **more: object) -> Answered:
        (shown,) = [one for one in api("GET", "/consents").json["consents"] if one["purpose"] == "mail.news"]
        said = {"notice_sha256": shown["notice"]["sha256"], "language": "en", "seen": shown["number"]}
        return api("PUT", "/consents/mail.news", said | {"decision": decision} | more)

    asked = decided("given")
    token = work(sqlite_house).last_token()
    confirmed = api("POST", "/consents/confirmation", {"token": token})
    again = api("POST", "/consents/confirmation", {"token": token})
    withdrawn = decided("withdrawn")
    receipts = api("GET", "/consents/mail.news/receipts").json["receipts"]

    assert (asked.json["standing"], asked.json["is_in_force"]) == ("requested", False)
    assert confirmed.status_code == 204
    assert again.json["type"] == "/problems/consent-link-invalid"
    assert (withdrawn.json["standing"], withdrawn.json["number"]) == ("off", 3)
    assert [one["decision"] for one in receipts] == ["requested", "given", "withdrawn"]
    assert api("GET", "/consents/mail.news/evidence").json["number"] == 3


def test_a_browser_that_asks_not_to_share_needs_a_yes_in_view_of_it(api: Api, sqlite_house: House) -> None:
    shown = notice(Scope(Purpose.MAIL_NEWS), "en")
    said = {"decision": "given", "notice_sha256": shown.sha256, "language": "en", "seen": 0}

    refused = api("PUT", "/consents/mail.news", said, headers={"Sec-GPC": "1"})
    asked = api("PUT", "/consents/mail.news", said | {"despite_signal": True})

    assert refused.json["type"] == "/problems/signal-heeded"
    assert (asked.json["standing"], asked.json["signal_since"]) == ("requested", "2026-11-20T12:00:00+00:00")
    token = work(sqlite_house).last_token()
    assert api("POST", "/consents/confirmation", {"token": token}).status_code == 204
