"""What every answer carries, and what no request gets past."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.security import GUESSES
from app.transaction import House
from app.web import create_app
from tests.app.pages.browsing import Browser
from tests.people import Person

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
VALUES = {
    "slug": "consent-missing",
    "platform": "x",
    "job_id": "0" * 8 + "-0000-4000-8000-" + "0" * 12,
    "record_id": "0" * 8 + "-0000-4000-8000-" + "0" * 12,
    "copy_id": "0" * 8 + "-0000-4000-8000-" + "0" * 12,
    "notice_id": "0" * 8 + "-0000-4000-8000-" + "0" * 12,
    "participation_id": "0" * 8 + "-0000-4000-8000-" + "0" * 12,
    "filename": "style.css",
    "number": "1",
    "index": "0",
    "offer_id": "0" * 8 + "-0000-4000-8000-" + "0" * 12,
    "reference": "R-00000000",
    "step": "take-up",
}
OPEN = {
    "about",
    "audit_keys",
    "brand_contact",
    "card",
    "confirmation",
    "erased",
    "home",
    "joining",
    "log_files",
    "mailing",
    "notice_keys",
    "oauth",
    "problems",
    "profile",
    "published_log",
    "rights_by_code",
    "receipt_desk",
    "signing",
}  # every other page is personal
PUBLIC_COOKIES = {"klarwert_form", "klarwert_language"}


def address_of(rule: Rule) -> str:
    return re.sub(r"<(?:[^:>]+:)?(\w+)>", lambda found: VALUES.get(found[1], "x"), rule.rule)


def routes(app: Flask, method: str) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())]


def test_every_answer_carries_the_security_headers(app: Flask) -> None:
    client = app.test_client()

    answers = [client.get(address_of(rule), buffered=True) for rule in app.url_map.iter_rules()]

    for answer in [*answers, client.get("/nope"), client.post("/join")]:
        assert answer.headers["Content-Security-Policy"] == POLICY, answer.request.path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "geolocation=()" in answer.headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in answer.headers
        is_kept = answer.request.path.startswith("/static/") or (
            answer.request.path in ("/log/checkpoint", "/log/log.vkey", "/log/status.json")
        )
        assert is_kept or answer.headers["Cache-Control"] == "no-store", answer.request.path


def test_a_stranger_is_led_to_the_sign_in_from_every_personal_page(app: Flask) -> None:
    personal = [
        (method, rule)
        for method in ("GET", "POST")
        for rule in routes(app, method)
        if rule.endpoint.partition(".")[0] not in OPEN | {"static", "staff", "audit_room"}
        and not rule.rule.startswith(("/api/", "/staff"))
    ]

    assert len(personal) > 8
    for method, rule in personal:
        answer = app.test_client().open(address_of(rule), method=method)
        assert answer.status_code == 303, rule
        assert answer.headers["Location"].startswith("/sign-in")


def test_a_stranger_is_led_to_the_sign_in_of_staff_from_every_page_of_theirs(app: Flask, ada: Person) -> None:
    rules = [rule for rule in routes(app, "GET") if rule.rule.startswith(("/staff", "/audit"))]
    browser = Browser(app)
    browser.sign_in(ada)  # a person's sign-in opens nothing here

    assert len(rules) > 4
    assert {browser.open(address_of(rule)).path for rule in rules} == {"/staff/sign-in"}


def test_a_stranger_gets_no_cookie_but_those_of_forms_and_language(app: Flask) -> None:
    for rule in routes(app, "GET"):
        answer = app.test_client().get(f"{address_of(rule)}?lang=de", buffered=True)

        cookies = {line.partition("=")[0] for line in answer.headers.getlist("Set-Cookie")}
        assert cookies <= PUBLIC_COOKIES


def test_a_first_visit_to_the_first_page_sets_no_cookie_at_all(app: Flask) -> None:
    assert "Set-Cookie" not in app.test_client().get("/").headers


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/join",
        "/sign-in",
        "/privacy",
        "/problems",
        "/nope",
        "/score",
        "/imports",
        "/consents",
        "/perks",
        "/history",
        "/account",
        "/account/erase",
        "/rights",
        "/confirm-password",
    ],
)
def test_no_page_holds_script_style_or_anything_from_elsewhere(
    browser: Browser, ada: Person, address: str
) -> None:
    browser.sign_in(ada)

    page = browser.open(address)

    assert page.tags
    for tag, given in page.tags:
        assert tag != "style"
        assert not [name for name in given if name.startswith("on") or name == "style"]
        for name in ("src", "href", "action"):
            assert (given.get(name) or "/").startswith(("/", "#")), (tag, given)
    assert [str(given.get("src"))[:8] for tag, given in page.tags if tag == "script"] == ["/static/"]


def test_personal_pages_ask_search_engines_to_stay_away(browser: Browser, ada: Person) -> None:
    browser.sign_in(ada)

    assert '<meta name="robots" content="noindex, nofollow">' in browser.open("/account").html
    assert "noindex" not in browser.open("/privacy").html


def test_every_form_that_writes_is_refused_without_its_token(app: Flask, ada: Person) -> None:
    browser = Browser(app)
    browser.sign_in(ada)
    writing = [
        rule
        for rule in routes(app, "POST")
        if not rule.rule.startswith("/api/") and rule.endpoint not in {"imports.receive", "mailing.stop"}
    ]

    assert {rule.rule for rule in writing} >= {
        "/join",
        "/sign-in",
        "/sign-out",
        "/confirm",
        "/consents",
        "/account/erase",
    }
    for rule in writing:
        assert browser.client.post(address_of(rule), data={}).status_code == 400
    assert browser.open("/account").status == 200


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}],
)
def test_a_form_sent_from_another_site_is_refused_even_with_its_token(
    browser: Browser, ada: Person, headers: dict[str, str]
) -> None:
    browser.sign_in(ada)
    form = browser.open("/account").form("/sign-out")

    refused = browser.send(form, headers=headers)

    assert refused.status == 400
    assert "Form no longer valid" in refused.text
    assert browser.open("/account").path == "/account"


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "null"}, {"Origin": "http://localhost"}]
)
def test_a_form_of_ours_is_taken_from_new_and_old_browsers(
    browser: Browser, ada: Person, headers: dict[str, str]
) -> None:
    browser.sign_in(ada)

    page = browser.send(browser.open("/account").form("/sign-out"), headers=headers)

    assert page.path == "/sign-in"


@pytest.mark.parametrize(
    ("address", "action"),
    [
        ("/join", "/join"),
        ("/sign-in", "/sign-in"),
        ("/confirm?token=a", "/confirm"),
        ("/", "/sign-out"),
        ("/account/erase", "/account/erase"),
        ("/consents", "/consents"),
    ],
)
def test_an_unknown_field_is_refused_everywhere(
    browser: Browser, ada: Person, address: str, action: str
) -> None:
    if action not in ("/join", "/sign-in"):
        browser.sign_in(ada)
    form = next(form for form in browser.open(address).forms if form.action == action)

    page = browser.send(form, birthday="1990-01-01")

    assert page.status == 422
    assert "Unexpected fields" in page.text


def test_a_field_sent_twice_is_refused(browser: Browser) -> None:
    form = browser.open("/join").form("/join")

    page = browser.send(form, address=["a@example.org", "b@example.org"], password="p", age="18-plus")

    assert page.status == 422


def test_too_many_guesses_are_refused_and_reading_is_not(browser: Browser) -> None:
    form = browser.open("/sign-in").form("/sign-in")
    allowed = GUESSES[0].amount

    statuses = [
        browser.client.post("/sign-in", data={**form.fields, "next": "nowhere"}).status_code
        for _ in range(allowed + 1)
    ]

    assert statuses == [422] * allowed + [429]
    assert browser.open("/sign-in").status == 200


def test_a_foreign_host_name_is_refused(app: Flask) -> None:
    assert app.test_client().get("/", headers={"Host": "evil.example"}).status_code == 400
    assert app.test_client().get("/", headers={"Host": "127.0.0.1:8000"}).status_code == 200


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(browser: Browser, ada: Person) -> None:
    form = browser.open("/sign-in").form("/sign-in")

    answer = browser.client.post(
        "/sign-in", data={**form.fields, "address": ada.address, "password": ada.password}
    )

    (kept,) = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("klarwert_session")]
    assert "HttpOnly" in kept
    assert "SameSite=Lax" in kept
    assert "Expires" not in kept


def test_over_tls_cookies_are_bound_to_the_host_and_tls_is_kept(sqlite_house: House, ada: Person) -> None:
    secure = replace(sqlite_house, config=replace(sqlite_house.config, public_url="https://localhost"))
    client = create_app(secure).test_client()
    page = client.get("/sign-in", base_url="https://localhost")
    token = re.findall(r'csrf_token" value="([^"]+)"', page.text)[-1]

    answer = client.post(
        "/sign-in",
        base_url="https://localhost",
        data={"csrf_token": token, "address": ada.address, "password": ada.password, "next": "/"},
    )

    assert answer.status_code == 303
    assert page.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    for line in [*page.headers.getlist("Set-Cookie"), *answer.headers.getlist("Set-Cookie")]:
        assert line.startswith("__Host-klarwert_")
        assert "Secure" in line
        assert "Path=/" in line


def test_signing_in_changes_the_form_token(browser: Browser, ada: Person) -> None:
    before = browser.open("/sign-in").form("/sign-in").fields["csrf_token"]
    browser.sign_in(ada)

    refused = browser.client.post("/sign-out", data={"csrf_token": before})

    assert refused.status_code == 400
