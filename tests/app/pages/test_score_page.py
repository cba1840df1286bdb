"""The score page: ten parts in both languages, a question for another score, and what is to come."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, render_template

from app.transaction import House
from explain.report import explain_report, score_report
from model.card import card_from_bytes
from model.distribution import Distribution
from model.release import record_release
from sources.activity import Platform
from tests.app.pages.browsing import Browser, Page
from tests.conftest import SettableClock
from tests.model.making import changed_card
from tests.people import Person, give_consent, import_archive, mastodon_zip, withdraw_consent, work, x_zip

PARTS = (
    "summary",
    "points",
    "reasons",
    "changes",
    "targets",
    "inputs",
    "networks",
    "comparison",
    "recourse",
)
HEADLINES = {
    "en": ("In short", "What stands out", "What changed", "What would change it", "Who received it"),
    "de": ("Kurz gesagt", "Was auffällt", "Was sich seit", "Was ihn ändern würde", "Wer ihn erhalten"),
}


@pytest.fixture
def ada_scored(sqlite_house: House, browser: Browser, ada_consenting: Person) -> Person:
    """Somebody signed in with a score from X."""
    import_archive(sqlite_house, ada_consenting, Platform.X, x_zip(likes=40))
    browser.sign_in(ada_consenting)
    return ada_consenting


def part(page: Page, name: str) -> str:
    """The words of one section."""
    html = page.html.split(f'aria-labelledby="{name}"')[1].split("</section>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_part_stands_on_the_page_in_its_order(
    browser: Browser, ada_scored: Person, language: str
) -> None:
    page = browser.open(f"/score?lang={language}")

    places = [page.html.index(f'id="{name}"') for name in PARTS]
    assert places == sorted(places)
    assert all(headline in page.text for headline in HEADLINES[language])


def test_the_page_is_whole_without_scripts_and_has_none_inside(browser: Browser, ada_scored: Person) -> None:
    page = browser.open("/score")

    scripts = [given for tag, given in page.tags if tag == "script"]
    assert all(given.get("src") for given in scripts)
    assert not [given for _, given in page.tags if "style" in given or "onclick" in given]


def test_a_missing_figure_is_nowhere_a_zero(browser: Browser, ada_scored: Person) -> None:
    page = browser.open("/score")

    table = page.html.split("<caption>Points per criterion</caption>")[1].split("</table>")[0]
    (row,) = [row for row in table.split("</tr>") if ">Recognition<" in row]
    assert "(missing)" in row
    assert "0.0" not in row
    assert "Recognition: 0.0" not in part(page, "reasons")


def test_five_points_more_are_asked_for_unless_somebody_asks_otherwise(
    browser: Browser, ada_scored: Person
) -> None:
    score = int(re.findall(r'class="number">(\d+)', browser.open("/score").html)[0])

    usual, asked = browser.open("/score"), browser.open("/score?target=40")

    assert f'value="{score + 5}"' in usual.html
    assert f"To {score + 5} by one criterion alone" in part(usual, "targets")
    assert 'value="40"' in asked.html
    assert "To 40 by one criterion alone" in part(asked, "targets")


@pytest.mark.parametrize("target", ["0", "101", "abc", "-1", "5.5", "²", "9" * 5000, "１０"])
def test_a_score_there_is_not_is_refused_beside_the_field(
    browser: Browser, ada_scored: Person, target: str
) -> None:
    page = browser.open(f"/score?target={target}")

    (field,) = [given for tag, given in page.tags if tag == "input" and given.get("name") == "target"]
    assert page.status == 200
    assert field["aria-invalid"] == "true"
    assert "Please enter a whole number from 1 to 100." in page.text
    assert target not in (field["value"] or "")


def test_what_changed_is_said_step_by_step(sqlite_house: House, browser: Browser, ada_scored: Person) -> None:
    first = part(browser.open("/score"), "changes")
    give_consent(sqlite_house, ada_scored, Platform.MASTODON)
    import_archive(sqlite_house, ada_scored, Platform.MASTODON, mastodon_zip(likes=900))

    connected = part(browser.open("/score"), "changes")

    assert "This is the first score" in first
    assert "Mastodon was added, Appreciation: +" in connected


def test_a_withdrawn_consent_leaves_words_and_no_numbers(
    sqlite_house: House, browser: Browser, ada_scored: Person
) -> None:
    give_consent(sqlite_house, ada_scored, Platform.MASTODON)
    import_archive(sqlite_house, ada_scored, Platform.MASTODON, mastodon_zip(likes=900))
    withdraw_consent(sqlite_house, ada_scored)
    work(sqlite_house)

    said = part(browser.open("/score"), "changes")

    assert "The consent for X was withdrawn on 20 November 2026." in said
    assert "points." not in said


def test_an_announced_card_is_said_with_its_day_and_what_it_makes_of_the_score(
    sqlite_house: House, browser: Browser, ada_scored: Person, clock: SettableClock
) -> None:
    def halve(document: dict[str, Any]) -> None:
        appreciation = next(row for row in document["criteria"] if row["name"] == "appreciation")
        appreciation["points"][1:-1] = [0] * (len(appreciation["points"]) - 2)

    card = card_from_bytes(changed_card(halve))
    with sqlite_house.open_vault("operator") as vault:
        record_release(vault, card, clock.now + timedelta(days=14), Distribution(people=None, bins=()))

    english, german = (part(browser.open(f"/score?lang={code}"), "upcoming") for code in ("en", "de"))

    assert "It applies from 4 December 2026. On it your score would be " in english
    assert "New points card, Appreciation: −" in english
    assert "Sie gilt ab dem 4. Dezember 2026." in german


def test_a_score_whose_card_is_not_known_any_more_is_shown_with_a_note(
    app: Flask, sqlite_house: House, ada_scored: Person
) -> None:
    with sqlite_house.open_reading_vault() as vault:
        report = score_report(vault, ada_scored.subject_id)
        assert report is not None
        lost = replace(report, card=None)
        about = explain_report(vault, ada_scored.subject_id, lost)

    with app.test_request_context("/score"):
        html = render_template("score.html", report=lost, scale=(0, 0, 0), names={})

    assert about is None
    assert "earlier points card" in html
