"""What all pages share: language, headings, labels, the demo's mark."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from app.demo import demo_people
from app.transaction import House
from app.web import create_app
from sources.activity import Platform
from tests.app.pages.browsing import Browser, Page
from tests.people import Person, import_archive, x_zip

PUBLIC = (
    "/",
    "/join",
    "/join/sent",
    "/sign-in",
    "/confirm?token=a",
    "/privacy",
    "/privacy/young-people",
    "/people-in-archives",
    "/card",
    "/problems",
    "/problems/too-large",
    "/receipts",
)
PERSONAL = (
    "/",
    "/score",
    "/rights/correct",
    "/rights/object",
    "/rights/restrict",
    "/history",
    "/imports",
    "/consents",
    "/account",
    "/account/erase",
    "/rights",
    "/confirm-password",
    "/consents/receipts",
    "/rights/access-log",
    "/rights/recipients",
)


@pytest.fixture
def everything(sqlite_house: House, browser: Browser, ada_consenting: Person) -> list[Page]:
    """Every page in both languages, for a stranger and for somebody with a score."""
    pages = [
        browser.open(address, **{"Accept-Language": code}) for address in PUBLIC for code in ("en", "de")
    ]
    job_id = import_archive(sqlite_house, ada_consenting, Platform.X, x_zip())
    browser.sign_in(ada_consenting)
    addresses = (*PERSONAL, f"/imports/{job_id}")
    return pages + [
        browser.open(address, **{"Accept-Language": code}) for address in addresses for code in ("en", "de")
    ]


def test_headings_stand_in_order_and_each_page_has_one_first(everything: list[Page]) -> None:
    for page in everything:
        levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]

        assert levels.count(1) == 1, page.path
        assert levels[0] == 1
        assert all(later - earlier <= 1 for earlier, later in pairwise(levels)), page.path


def test_every_field_has_a_label_and_every_drawing_a_title(everything: list[Page]) -> None:
    for page in everything:
        labels = {given.get("for") for tag, given in page.tags if tag == "label"}
        fields = [
            given
            for tag, given in page.tags
            if tag in ("input", "select", "textarea") and given.get("type") != "hidden"
        ]
        assert {given.get("id") for given in fields} <= labels

        drawings = [given for tag, given in page.tags if tag == "svg"]
        ids = {given.get("id") for _, given in page.tags}
        for drawing in drawings:
            assert drawing["role"] == "img"
            assert set((drawing["aria-labelledby"] or "").split()) <= ids


def test_no_id_stands_twice_on_a_page(everything: list[Page]) -> None:
    for page in everything:
        ids = [given["id"] for _, given in page.tags if "id" in given]

        assert len(ids) == len(set(ids)), page.path


def test_fields_tell_password_managers_what_they_are(browser: Browser) -> None:
    def told(address: str) -> dict[str | None, str | None]:
        fields = [given for tag, given in browser.open(address).tags if tag == "input"]
        return {given.get("name"): given.get("autocomplete") for given in fields if "autocomplete" in given}

    assert told("/join") == {"address": "email", "password": "new-password"}
    assert told("/sign-in") == {"address": "username", "password": "current-password"}


def test_a_chosen_language_is_kept_and_the_page_stays_the_same(browser: Browser) -> None:
    page = browser.open("/confirm?token=abc")
    (switch,) = [given["href"] for tag, given in page.tags if tag == "a" and given.get("hreflang") == "de"]
    assert switch is not None

    german = browser.open(switch)

    assert '<html lang="de">' in german.html
    assert german.form("/confirm").fields["token"] == "abc"
    assert '<html lang="de">' in browser.open("/privacy").html


def test_an_unknown_language_falls_back_to_what_the_browser_says(browser: Browser) -> None:
    assert '<html lang="de">' in browser.open("/?lang=xx", **{"Accept-Language": "de"}).html
    assert '<html lang="en">' in browser.open("/?lang=xx", **{"Accept-Language": "fr"}).html


@pytest.mark.parametrize(
    ("address", "days", "day"),
    [
        ("/privacy", "at least every 7 days", "27 November 2026"),
        ("/privacy?lang=de", "mindestens alle 7 Tage", "27. November 2026"),
    ],
)
def test_the_privacy_notice_names_the_day_from_which_no_copy_opens(browser, address, days, day):
    said = browser.open(address).text

    assert days in said
    assert day in said


def test_a_demonstration_says_so_on_every_page_and_tells_its_sign_ins(sqlite_house: House) -> None:
    demo = replace(sqlite_house, config=replace(sqlite_house.config, demo=True))
    browser = Browser(create_app(demo))

    assert all(
        "Demonstration: invented people" in browser.open(address).text for address in (*PUBLIC, "/nope")
    )
    signing = browser.open("/sign-in").text
    assert all(address in signing and password in signing for address, password in demo_people(demo))


def test_an_instance_for_real_people_says_nothing_of_a_demonstration(browser: Browser) -> None:
    assert "Demonstration" not in browser.open("/sign-in").text
