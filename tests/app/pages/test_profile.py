"""The public page in a browser and by the API: a 404 like any other until its person says otherwise."""

import re

from app.transaction import House
from consent.part import SharedField
from tests.app.api.speaking import Api
from tests.app.pages.browsing import Browser, Page
from tests.people import Person

NAME = "Ada <i>L.</i>"
SCOPE = f"profile.public/{SharedField.DISPLAY_NAME}"


def decide(browser: Browser, decision: str, name: str) -> Page:
    form = browser.open("/consents").form("/consents", scope=SCOPE)
    return browser.send(form, decision=decision, name=name)


def link_on(page: Page) -> str:
    (link,) = re.findall(r'href="(/p/[^"]+)"', page.html)
    return str(link)


def test_the_page_is_there_from_the_yes_to_the_no_and_otherwise_a_404_of_the_same_bytes(
    sqlite_house: House, browser: Browser, ada: Person
) -> None:
    stranger, api = Browser(browser.client.application), Api(browser.client.application)
    browser.sign_in(ada)
    link = link_on(decide(browser, "given", name=NAME))
    unknown = "/p/" + "A" * len(link.removeprefix("/p/"))

    seen, told = stranger.open(link), api("GET", f"/profiles/{link.removeprefix('/p/')}")
    withdrawn = decide(browser, "withdrawn", name="")
    after, never = stranger.open(link), stranger.open(unknown)

    assert NAME in seen.text
    assert "<i>" not in seen.html
    assert told.json == {"fields": [{"field": "display-name", "value": NAME}]}
    assert {page.headers["X-Robots-Tag"] for page in (seen, after, never)} == {"noindex, nofollow, noarchive"}
    assert (after.status, never.status) == (404, 404)
    assert after.html.replace(link, unknown) == never.html
    assert [*after.headers.keys()] == [*never.headers.keys()]
    assert "/p/" not in withdrawn.html
    gone, missing = (api("GET", f"/profiles/{path.removeprefix('/p/')}") for path in (link, unknown))
    assert (gone.status_code, gone.data) == (404, missing.data)
    assert [*gone.headers.items()] == [*missing.headers.items()]


def test_the_person_sees_how_often_it_was_opened_by_whom_it_is_not_known(
    browser: Browser, ada: Person
) -> None:
    browser.sign_in(ada)
    link = link_on(decide(browser, "given", name="Ada"))
    for _ in range(2):
        browser.open(link)

    page = browser.open("/rights/access-log")

    assert "visitors of your public page" in page.text
    assert "Your public profile (your display name)" in page.text
    assert "2 × between 12:00 and the end of that hour" in page.text


def test_no_name_is_no_consent_and_the_page_says_so(browser: Browser, ada: Person) -> None:
    browser.sign_in(ada)

    refused = decide(browser, "given", name=" ")

    assert refused.status == 422
    assert "Display name cannot be used" in refused.text
    assert "/p/" not in refused.html
