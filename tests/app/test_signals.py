"""The header `Sec-GPC`: which values count, once a session, by page and by API, and nobody else is kept."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.gpc import asks_not_to_share
from app.web import create_app
from audit.entry import Action, parse
from audit.stored import StoredLog
from consent.signal import heard_since
from tests.app.api.speaking import Api
from tests.app.pages.browsing import Browser

GPC = {"Sec-GPC": "1"}


@pytest.mark.parametrize(
    ("value", "asks"),
    [
        ("1", True),
        (" 1 ", True),
        ("0,1", True),  # two headers, joined by WSGI
        ("1, 0", True),
        ("0", False),
        ("true", False),
        ('"1"', False),
        ("?1", False),
        ("11", False),
        ("1;a", False),
        ("", False),
        (None, False),
    ],
)
def test_the_value_1_means_it_and_no_other(value, asks):
    assert asks_not_to_share(value) is asks


def times_seen(house):
    with house.open_reading_vault("system") as vault:
        log = StoredLog(vault.session)
        return [parse(body).action for body, _ in log.entries(0, log.size)].count(Action.SIGNAL_SEEN)


def test_every_session_that_asks_is_heard_once_by_page_and_by_api(house, ada):
    app = create_app(house)
    first, second, api = Browser(app), Browser(app), Api(app)
    for browser in (first, second):
        browser.sign_in(ada)
    api.sign_in(ada.address)

    counts = []
    for ask in (
        lambda: first.open("/account", **{"Sec-GPC": "0"}),
        lambda: first.open("/account", **GPC),
        lambda: first.open("/consents", **GPC),
        lambda: second.open("/privacy", **GPC),
        lambda: api("GET", "/account", headers=GPC),
        lambda: api("GET", "/consents", headers=GPC),
    ):
        ask()
        counts.append(times_seen(house))

    assert counts == [0, 1, 1, 2, 3, 3]
    with house.open_reading_vault() as vault:
        assert heard_since(vault, ada.subject_id) == vault.now()


def test_requests_of_one_session_at_once_are_heard_once(house, ada):
    app = create_app(house)
    api = Api(app)
    api.sign_in(ada.address)

    with ThreadPoolExecutor(4) as threads:
        answers = threads.map(lambda _: api("GET", "/account", headers=GPC).status_code, range(8))

    assert set(answers) == {200}
    assert times_seen(house) == 1


def test_of_a_stranger_nothing_is_kept(sqlite_house):
    app = create_app(sqlite_house)

    for path in ("/", "/privacy", "/sign-in", "/api/v1/card", "/api/v1/account"):
        app.test_client().get(path, headers=GPC)

    assert times_seen(sqlite_house) == 0


def test_that_it_is_heeded_is_published_where_browsers_look(sqlite_house):
    answer = create_app(sqlite_house).test_client().get("/.well-known/gpc.json")

    assert answer.mimetype == "application/json"
    assert answer.json == {"gpc": True, "lastUpdate": "2026-11-25"}
