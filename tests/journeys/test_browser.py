"""The pages in a real browser: with and without scripts, on a phone and on a desk, in both languages."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from rights.erasure import verify_certificate
from tests.journeys.serving import PASSWORD, Service, wait_for
from tests.people import mastodon_zip, x_zip

ADDRESS = "ada@example.org"
PUBLIC = (
    "/",
    "/join",
    "/sign-in",
    "/privacy",
    "/privacy/young-people",
    "/people-in-archives",
    "/problems",
    "/problems/archive-unsafe",
    "/receipts",
    "/nowhere",
)
OWN = (
    "/",
    "/score",
    "/history",
    "/consents",
    "/consents/receipts",
    "/imports",
    "/rights",
    "/rights/access-log",
    "/rights/correct",
    "/rights/export",
    "/rights/object",
    "/rights/recipients",
    "/rights/restrict",
    "/rights/review",
    "/account",
    "/account/erase",
    "/account/restore",
    "/brand",
    "/brand/new",
)
PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=900)
LOOK = """() => ({
  language: document.documentElement.getAttribute("lang"),
  headings: document.querySelectorAll("h1").length,
  unnamed: [...document.querySelectorAll("main input:not([type=hidden]):not([aria-label])")]
    .filter((one) => !one.labels.length).map((one) => one.name),
  pictures: [...document.querySelectorAll("main svg[role=img]")]
    .filter((one) => !one.querySelector("title")).length,
})"""


def url(service: Service, path: str) -> str:
    return f"http://127.0.0.1:{service.port}{path}"


def watch(page: Page, service: Service) -> list[str]:
    """What a page must not do: load from elsewhere, or break its own Content Security Policy."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def note(request) -> None:
        if not request.url.startswith((url(service, "/"), "data:")):
            complaints.append(request.url)

    page.on("request", note)
    return complaints


def join_and_confirm(page: Page, service: Service, address: str) -> None:
    page.goto(url(service, "/join"))
    page.fill("[name=address]", address)
    page.fill("[name=password]", PASSWORD)
    page.check('[name=age][value="18-plus"]')
    page.click("main [type=submit]")
    printed = wait_for(
        lambda: re.findall(rf"To: {address}.*?(/confirm\?token=[\w-]+)", service.log.read_text(), re.DOTALL),
        "the confirmation mail is printed",
    )
    page.goto(url(service, printed[-1]))
    page.click("main [type=submit]")


def sign_in(page: Page, service: Service, address: str) -> None:
    page.goto(url(service, "/sign-in"))
    page.fill("[name=address]", address)
    page.fill("[name=password]", PASSWORD)
    page.click("main [type=submit]")


def upload(page: Page, service: Service, platform: str, archive: Path) -> None:
    page.goto(url(service, "/imports"))
    page.set_input_files(f"#archive-{platform}", archive)
    page.click(f"form[action='/imports/{platform}'] [type=submit]")
    page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}$"))
    # Until then the page looks again by itself, and a look may begin just when the next page is opened.
    page.wait_for_selector("main a[href='/score']")


def consent(page: Page, service: Service, platform: str, decision: str) -> None:
    page.goto(url(service, "/consents"))
    page.click(f"form:has([value='score.compute/{platform}']) [value={decision}]")


def wait_for_score(page: Page, service: Service) -> int:
    def shown() -> str | None:
        page.goto(url(service, "/score"))
        found = re.search(r"\b(\d{1,3})\s+(?:of|von) 100\b", page.inner_text("main"))
        return found[1] if found else None

    return int(wait_for(shown, "the score is shown"))


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_from_joining_to_the_certificate(chromium, service, tmp_path, scripts):
    address = f"{'with' if scripts else 'without'}@example.org"
    context = chromium.new_context(java_script_enabled=scripts, viewport=PHONE)
    page = context.new_page()
    complaints = watch(page, service)
    archive = tmp_path / "twitter-archive.zip"
    archive.write_bytes(x_zip())

    join_and_confirm(page, service, address)
    sign_in(page, service, address)
    consent(page, service, "x", "given")
    upload(page, service, "x", archive)
    expect(page.locator("main")).to_contain_text(re.compile("read|Read"))
    score = wait_for_score(page, service)
    consent(page, service, "x", "withdrawn")
    page.goto(url(service, "/score"))
    expect(page.locator("main")).not_to_contain_text(f"{score} of 100")
    page.goto(url(service, "/account/erase"))
    page.fill("[name=password]", PASSWORD)
    page.click("main [type=submit]")

    verify_certificate(page.inner_text("main pre"))
    page.goto(url(service, "/score"))
    assert "/sign-in" in page.url
    assert complaints == []
    context.close()


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_fits_its_width_speaks_one_language_and_loads_nothing_from_elsewhere(
    chromium, service, creator, language
):
    context = chromium.new_context(viewport=PHONE, storage_state=creator)
    page = context.new_page()
    complaints = watch(page, service)
    page.goto(url(service, f"/?lang={language}"))

    for path in OWN:
        page.goto(url(service, path))
        assert_is_sound(page, language)
    context.clear_cookies(name=re.compile("session"))
    for path in PUBLIC:
        page.goto(url(service, path))
        assert_is_sound(page, language)

    assert complaints == []
    context.close()


@pytest.fixture(scope="module")
def creator(chromium, service, tmp_path_factory):
    """The cookies of somebody with two networks and a score."""
    context: BrowserContext = chromium.new_context()
    page = context.new_page()
    join_and_confirm(page, service, ADDRESS)
    sign_in(page, service, ADDRESS)
    for platform, content in (("x", x_zip()), ("mastodon", mastodon_zip())):
        archive = tmp_path_factory.mktemp(platform) / "archive.zip"
        archive.write_bytes(content)
        consent(page, service, platform, "given")
        upload(page, service, platform, archive)
    wait_for_score(page, service)
    state = context.storage_state()
    context.close()
    return state


def assert_is_sound(page: Page, language: str) -> None:
    page.wait_for_load_state()  # a page can be read before its style sheet is there
    found = page.evaluate(LOOK)
    assert found["language"] == language, page.url
    assert found["headings"] == 1, page.url
    assert found["unnamed"] == [], f"{page.url} has fields without a label"
    assert found["pictures"] == 0, f"{page.url} has a chart without a title"
    for viewport in (PHONE, DESK):
        page.set_viewport_size(viewport)
        width, inner = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert inner == viewport["width"]
        assert width <= inner, f"{page.url} scrolls sideways"
