"""The points card as everybody sees it: to print and recompute by, in force, announced and of before."""

import json
import re
from datetime import timedelta
from itertools import pairwise

import pytest

from app.curve_chart import draw_curve
from app.releasing import release_card
from app.transaction import House
from explain.card.tables import card_tables
from explain.wording import Language, say_number
from model.card import COMMITTED_CARD, PointsCard, card_from_bytes, load_card
from model.distribution import ChangeBin, Distribution
from model.inputs import Criterion
from model.release import record_release
from sources.activity import Platform
from tests.app.pages.browsing import Browser
from tests.conftest import SettableClock
from tests.model.making import changed_card

CARD = load_card()
OTHER = card_from_bytes(
    changed_card(lambda card: card["units"]["networks"]["youtube"]["appreciation"].update(factor=0.1))
)


@pytest.mark.parametrize("language", list(Language))
def test_a_stranger_sees_every_knot_point_slope_and_factor(browser: Browser, language: Language) -> None:
    page = browser.open(f"/card?lang={language}")

    tables = card_tables(CARD, language)
    assert page.status == 200
    assert CARD.digest in page.text
    for table in tables.curves:
        article = page.html.split(f'id="{table.criterion}"')[1].split("</article>")[0]
        for row in table.rows:
            for value, digits in ((row.x, 0), (row.log, 4), (row.points, 2), (row.slope, 4)):
                assert f">{say_number(value, language, digits)}<" in article, table.name
        assert table.said_origin in page.text
        assert table.rule is None or table.rule in page.text
    for platform in Platform:
        assert any(row.name in page.text for row in tables.units if row.platform is platform)
    cheapest = min(unit.factor for units in CARD.units.networks.values() for unit in units.values())
    assert say_number(cheapest, language, 3) in page.text
    for sentence in (*tables.formula, *tables.assumptions):
        assert sentence in page.text


def likes_on_youtube(card: PointsCard) -> float:
    return card.units.factor(Platform.YOUTUBE, Criterion.APPRECIATION)


def test_the_worked_example_on_the_page_is_computed_from_the_card_in_force(
    sqlite_house: House, browser: Browser
) -> None:
    before = browser.open("/card").html.split('class="example"')[1]
    release_card(sqlite_house, OTHER, timedelta(0))

    after = browser.open("/card").html.split('class="example"')[1]

    assert f"90 likes × {likes_on_youtube(CARD)}" in before
    assert f"90 likes × {likes_on_youtube(OTHER)}" in after


def test_the_file_is_the_committed_card_to_the_byte_and_its_digest_the_entity_tag(browser: Browser) -> None:
    answer = browser.client.get("/card.json")

    assert answer.data == COMMITTED_CARD.read_bytes().strip()
    assert answer.mimetype == "application/json"
    assert answer.headers["ETag"] == f'"{CARD.digest}"'
    assert browser.client.get(f"/card/{CARD.digest}.json").data == answer.data


def test_who_has_the_card_already_is_told_so(browser: Browser) -> None:
    answer = browser.client.get("/card.json", headers={"If-None-Match": f'"{CARD.digest}"'})

    assert answer.status_code == 304
    assert answer.data == b""


def test_the_schema_is_sent_as_it_is(browser: Browser) -> None:
    answer = browser.client.get("/card.schema.json")

    assert answer.mimetype == "application/schema+json"
    assert json.loads(answer.data)["title"] == "Klarwert points card"


def test_an_announced_card_is_shown_with_its_day_and_the_present_one_stays_in_force(
    sqlite_house: House, browser: Browser
) -> None:
    release_card(sqlite_house, OTHER, timedelta(days=14))

    present, announced = browser.open("/card"), browser.open(f"/card/{OTHER.digest}")

    assert "From 4 December 2026 on another card applies" in present.text
    assert CARD.digest in present.text
    assert "This card is announced: it applies from 4 December 2026 on" in announced.text
    assert "Fewer than ten people had a score" in present.text


def test_on_its_day_an_announced_card_is_the_one_in_force(
    sqlite_house: House, browser: Browser, clock: SettableClock
) -> None:
    release_card(sqlite_house, OTHER, timedelta(days=14))

    clock.advance(timedelta(days=14))

    page = browser.open("/card")
    assert OTHER.digest in page.text
    assert "In force since 4 December 2026" in page.text


def test_an_earlier_card_is_still_there_under_its_digest(sqlite_house: House, browser: Browser) -> None:
    release_card(sqlite_house, OTHER, timedelta(0))

    earlier = browser.open(f"/card/{CARD.digest}")

    assert "This card is not the one in force" in earlier.text
    assert browser.client.get(f"/card/{CARD.digest}.json").headers["ETag"] == f'"{CARD.digest}"'
    assert browser.client.get("/card.json").headers["ETag"] == f'"{OTHER.digest}"'


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (
            "en",
            (
                "−3 and below: about 20 people",
                "−2 to 0: about 40 people",
                "1: about 10 people",
                "2 and above: about 30 people",
            ),
        ),
        (
            "de",
            (
                "−3 und darunter: etwa 20 Menschen",
                "−2 bis 0: etwa 40 Menschen",
                "1: etwa 10 Menschen",
                "2 und darüber: etwa 30 Menschen",
            ),
        ),
    ],
)
def test_how_far_a_card_moves_the_scores_is_said_in_words(
    sqlite_house: House, browser: Browser, language: str, sentences: tuple[str, ...]
) -> None:
    bins = (ChangeBin(None, -3, 20), ChangeBin(-2, 0, 40), ChangeBin(1, 1, 10), ChangeBin(2, None, 30))
    with sqlite_house.open_vault("operator") as vault:
        record_release(vault, OTHER, vault.now(), Distribution(100, bins))

    page = browser.open(f"/card?lang={language}")

    for sentence in sentences:
        assert sentence in page.text


@pytest.mark.parametrize("digest", ["0" * 64, "x", "0" * 63, "%00", CARD.digest.upper()])
def test_a_card_that_was_never_released_is_not_there(browser: Browser, digest: str) -> None:
    assert browser.open(f"/card/{digest}").status == 404
    assert browser.open(f"/card/{digest}.json").status == 404


def test_the_page_needs_no_script_and_says_nothing_of_who_looks(browser: Browser) -> None:
    page = browser.open("/card")

    scripts = [given.get("src") for tag, given in page.tags if tag == "script"]
    assert [re.sub(r"\?.*", "", script or "") for script in scripts] == ["/static/klarwert.js"]
    assert not page.forms
    assert "Set-Cookie" not in page.headers


def test_every_curve_is_drawn_in_its_frame_and_no_labels_touch() -> None:
    for curve in CARD.curves.values():
        drawing = draw_curve(curve.knots, curve.values, 20.0)

        assert len(drawing.marks) == len(curve.knots)
        assert all(26 <= mark.x <= 330 and 10 <= mark.y <= 150 for mark in drawing.marks)
        assert all(later.x > earlier.x and later.y <= earlier.y for earlier, later in pairwise(drawing.marks))
        labels = [tick.at for tick in drawing.across]
        assert drawing.across[-1].value == curve.knots[-1]
        assert all(later - earlier > 10 for earlier, later in pairwise(labels))
        assert [tick.value for tick in drawing.upwards] == [0, 5, 10, 15, 20]
