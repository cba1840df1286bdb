"""Every refusal in its two forms, and nothing personal or technical in either."""

import pytest
from flask import Flask
from sqlalchemy import text

from app.accounts import sign_in
from app.errors import STATUS
from app.language import WORDS
from app.pages.problems import statuses
from app.sessions import SessionKind
from app.transaction import House
from explain.wording import Language
from tests.app.pages.browsing import Browser
from tests.people import Person


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_kind_of_problem_has_a_page_that_explains_it(browser: Browser, language: str) -> None:
    for slug in statuses():
        page = browser.open(f"/problems/{slug}?lang={language}")

        assert page.status == 200
        assert WORDS.say(f"problem.{slug}.title", Language(language)) in page.text


def test_the_title_on_the_page_is_the_title_in_the_document() -> None:
    for refusal in STATUS:
        assert WORDS.say(f"problem.{refusal.slug}.title", Language.EN) == refusal.title


def test_a_missing_page_says_so_in_the_language_of_the_browser(browser: Browser) -> None:
    page = browser.open("/nowhere", **{"Accept-Language": "de-AT,de;q=0.9"})

    assert page.status == 404
    assert "Nicht gefunden" in page.text


def test_a_missing_address_of_the_interface_is_a_problem_document(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/nowhere")

    assert answer.content_type == "application/problem+json"
    assert answer.get_json() == {
        "type": "/problems/not-found",
        "title": "Not found",
        "status": 404,
        "detail": "There is nothing at this address.",
    }


def test_a_wrong_method_says_which_are_right(app: Flask) -> None:
    answer = app.test_client().delete("/privacy")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    ("address", "kind"), [("/score", "text/html"), ("/api/v1/score", "application/problem+json")]
)
def test_an_unexpected_error_shows_neither_trace_nor_value(
    app: Flask, sqlite_house: House, ada: Person, capsys: pytest.CaptureFixture[str], address: str, kind: str
) -> None:
    browser = Browser(app)
    browser.sign_in(ada)
    token = sign_in(sqlite_house, ada.address, ada.password, SessionKind.API)
    with sqlite_house.data.begin() as connection:
        connection.execute(text("DROP TABLE consent_record"))

    answer = browser.client.get(address, headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 500
    assert answer.content_type.startswith(kind)
    printed = capsys.readouterr()
    for shown in (answer.text, printed.out, printed.err):
        assert "consent_record" not in shown
        assert ada.subject_id.hex not in shown
        assert "Traceback" not in shown
    assert "OperationalError" in printed.out


def test_the_service_says_that_it_is_well(browser: Browser) -> None:
    answer = browser.client.get("/healthz")

    assert (answer.status_code, answer.text) == (200, "ok\n")
