"""Every refusal in its two forms, and nothing personal or technical in either."""

from dataclasses import replace

import pytest
from flask import Flask

from app.errors import STATUS
from app.language import WORDS
from app.pages.problems import statuses
from app.transaction import House
from app.web import create_app
from explain.wording import Language
from tests.app.pages.browsing import Browser


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
    ("address", "kind"), [("/healthz", "text/html"), ("/api/v1/log/checkpoint", "application/problem+json")]
)
def test_an_unexpected_error_shows_neither_trace_nor_value(
    sqlite_house: House, capsys: pytest.CaptureFixture[str], address: str, kind: str
) -> None:
    class Broken:
        def __getattr__(self, name: str) -> object:
            raise RuntimeError("a secret of ada@example.org")

    app = create_app(replace(sqlite_house, data=Broken(), high_water=Broken()))  # type: ignore[arg-type]

    answer = app.test_client().get(address)

    assert answer.status_code == 500
    assert answer.content_type.startswith(kind)
    printed = capsys.readouterr()
    for text in (answer.text, printed.out, printed.err):
        assert "ada@example.org" not in text
        assert "Traceback" not in text
    assert "RuntimeError" in printed.out


def test_the_service_says_that_it_is_well(browser: Browser) -> None:
    answer = browser.client.get("/healthz")

    assert (answer.status_code, answer.text) == (200, "ok\n")
