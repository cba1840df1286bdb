"""The simulator and the printed card in a real browser: the same numbers, and not a word to the server."""

import json
import re
from math import fsum
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from model.card import load_card
from model.inputs import Criterion
from tests.journeys.serving import PASSWORD, Service, wait_for
from tests.people import mastodon_zip, x_zip

CARD = load_card()
ADDRESS = "sim@example.org"
PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=900)
A4_WITHIN_MARGINS = {"width": 695, "height": 1017}  # CSS pixels of 184 by 269 mm
SAID = {
    "en": {"lists": "1 list,", "now": "as now", "points": "points"},
    "de": {"lists": "1 Liste,", "now": "wie jetzt", "points": "Punkte"},
}
MOVE = """([id, share]) => {
  const slider = document.getElementById(id);
  slider.value = share;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
}"""
READ = """() => [...document.querySelectorAll(".slider")].map((one) =>
  [one.dataset.criterion, one.dataset.x, Number(one.dataset.earned)])"""


@pytest.fixture(scope="module")
def score(service) -> dict[str, Any]:
    """The score of somebody with two networks, as the API gives it."""
    token = service.join(ADDRESS)
    for platform, archive in (("x", x_zip(likes=40)), ("mastodon", mastodon_zip())):
        service.consent(token, platform)
        assert service.ask("POST", f"/imports/{platform}", archive, token).status == 202
    wait_for(lambda: len(service.wait_until_computed(token)["platforms"]) == 2, "both networks are scored")
    computed: dict[str, Any] = service.wait_until_computed(token)
    return computed


def url(service: Service, path: str) -> str:
    return f"http://127.0.0.1:{service.port}{path}"


@pytest.fixture(scope="module")
def cookies(chromium, service, score):
    """The cookies of that somebody, signed in."""
    context: BrowserContext = chromium.new_context()
    page = context.new_page()
    page.goto(url(service, "/sign-in"))
    page.fill("[name=address]", ADDRESS)
    page.fill("[name=password]", PASSWORD)
    page.click("main [type=submit]")
    page.goto(url(service, "/score"))
    state = context.storage_state()
    context.close()
    return state


def at_score(context: BrowserContext, service: Service, language: str = "") -> Page:
    page = context.new_page()
    page.goto(url(service, f"/score?lang={language}" if language else "/score"))
    return page


def assert_agrees(page: Page) -> None:
    """Every criterion's points and their sum are those of the card, to 1e-9."""
    earned = []
    for criterion, x, points in page.evaluate(READ):
        expected = CARD.points(Criterion(criterion), float(x) if x else None)
        assert points == pytest.approx(expected, abs=1e-9), (criterion, x)
        earned.append(expected)
    assert len(earned) == len(Criterion)
    total = float(page.get_attribute("section.simulator", "data-sum") or "nan")
    assert total == pytest.approx(CARD.base + fsum(earned), abs=1e-9)
    assert page.inner_text("#simulated").startswith(f"{int(total + 0.5)} (")


def test_it_starts_at_the_score_and_what_is_missing_is_said_to_be_so(chromium, service, score, cookies):
    context = chromium.new_context(storage_state=cookies)
    page = at_score(context, service)

    assert_agrees(page)
    assert page.inner_text("#simulated") == f"{score['score']} (as now)"
    assert float(page.get_attribute("section.simulator", "data-sum") or "nan") == pytest.approx(
        score["exact"], abs=1e-9
    )
    given = {criterion: x for criterion, x, _ in page.evaluate(READ)}
    for one in score["criteria"]:
        assert given[one["name"]] == "" if one["input"] is None else float(given[one["name"]]) == one["input"]
    expect(page.locator("#try-recognition-now")).to_have_text("Missing in your data; the slider starts at 0.")
    context.close()


def test_moved_sliders_give_the_numbers_of_the_card_and_send_nothing(chromium, service, cookies):
    context = chromium.new_context(viewport=PHONE, storage_state=cookies)
    page = at_score(context, service)
    page.wait_for_load_state("networkidle")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    draw = np.random.default_rng(2026)

    for shares in [*draw.random((60, len(Criterion))).tolist(), [0.0] * 6, [1.0] * 6]:
        for criterion, share in zip(Criterion, shares, strict=True):
            page.evaluate(MOVE, [f"try-{criterion}", share])
        assert_agrees(page)
    for criterion, curve in CARD.curves.items():
        for knot in curve.knots:
            page.evaluate(MOVE, [f"try-{criterion}", share_of(page, criterion, knot)])
            assert float(dict(row[:2] for row in page.evaluate(READ))[criterion]) == knot
            assert_agrees(page)

    assert requests == []
    assert page.inner_text("#simulated").startswith("100 (")
    assert page.evaluate("[localStorage.length, sessionStorage.length, location.search]") == [0, 0, ""]
    context.close()


def share_of(page: Page, criterion: Criterion, x: float) -> float:
    end = float(page.get_attribute(f".slider[data-criterion={criterion}]", "data-end") or "nan")
    return float(x / end if criterion is Criterion.CONSISTENCY else np.log1p(x) / np.log1p(end))


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_keyboard_moves_a_slider_that_says_in_words_where_it_is(
    chromium, service, score, cookies, language
):
    said = SAID[language]
    context = chromium.new_context(storage_state=cookies)
    page = at_score(context, service, language)
    slider = page.locator("#try-recognition")

    slider.focus()
    page.keyboard.press("ArrowRight")
    assert (slider.get_attribute("aria-valuetext") or "").startswith(said["lists"])
    assert said["points"] in (slider.get_attribute("aria-valuetext") or "")
    page.keyboard.press("PageUp")
    assert_agrees(page)
    page.keyboard.press("End")
    assert page.inner_text("[data-criterion=recognition] [data-say=points]").startswith("20")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Home")
    assert (slider.get_attribute("aria-valuetext") or "").startswith("0 ")
    weeks = page.locator("#try-consistency")
    weeks.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    assert (weeks.get_attribute("aria-valuetext") or "").startswith("1 ")
    assert_agrees(page)
    page.locator("section.simulator button").press("Enter")

    assert page.inner_text("#simulated") == f"{score['score']} ({said['now']})"
    assert {x for criterion, x, _ in page.evaluate(READ) if criterion == "recognition"} == {""}
    context.close()


def test_every_slider_has_a_name_and_the_result_is_told_as_it_changes(chromium, service, cookies):
    context = chromium.new_context(storage_state=cookies)
    page = at_score(context, service)

    assert page.get_by_role("slider").count() == len(Criterion)
    for slider in page.get_by_role("slider").all():
        assert slider.evaluate("one => one.labels.length") == 1
    assert page.get_by_role("slider", name="Audience").count() == 1
    assert page.get_by_role("status", name="Score with these figures").count() == 1
    context.close()


def test_without_scripts_there_is_no_simulator_to_be_seen(chromium, service, cookies):
    context = chromium.new_context(java_script_enabled=False, storage_state=cookies)
    page = at_score(context, service)

    expect(page.locator("section.simulator")).to_have_count(1)
    expect(page.locator("section.simulator")).to_be_hidden()
    context.close()


@pytest.mark.parametrize("language", ["en", "de"])
def test_simulator_and_card_fit_their_width_and_keep_to_the_policy(chromium, service, cookies, language):
    context = chromium.new_context(viewport=PHONE, storage_state=cookies)
    complaints: list[str] = []
    context.on("console", lambda said: complaints.append(said.text))
    page = at_score(context, service, language)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    for path in ("/score", "/card"):
        page.goto(url(service, path))
        page.wait_for_load_state("networkidle")
        for viewport in (PHONE, DESK):
            page.set_viewport_size(viewport)
            assert page.evaluate("window.innerWidth") == viewport["width"]
            assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], path

    assert complaints == []
    context.close()


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_card_prints_on_a4_without_navigation(chromium, service, language):
    context = chromium.new_context(viewport=A4_WITHIN_MARGINS)
    page = context.new_page()
    page.goto(url(service, f"/card?lang={language}"))
    page.emulate_media(media="print")

    assert page.evaluate("document.documentElement.scrollWidth") <= A4_WITHIN_MARGINS["width"]
    for table in page.locator("main .scroll").all():
        assert table.evaluate("one => one.scrollWidth <= one.clientWidth + 1")
    for part in ("header.site nav", "footer.site", ".links"):
        expect(page.locator(part)).to_be_hidden()
    printed = page.pdf(prefer_css_page_size=True)
    sheets = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert 1 < len(sheets) <= 7
    assert {(round(float(width)), round(float(height))) for width, height in sheets} == {(595, 842)}
    context.close()


def test_the_curves_on_the_page_are_the_public_card(chromium, service, cookies):
    context = chromium.new_context(storage_state=cookies)
    page = at_score(context, service)

    embedded = json.loads(page.get_attribute("section.simulator", "data-card") or "{}")
    public = page.request.get(url(service, "/card.json")).json()

    assert embedded["base"] == public["base"]
    assert embedded["curves"] == {
        row["name"]: {"knots": row["knots"], "points": row["points"]} for row in public["criteria"]
    }
    context.close()
