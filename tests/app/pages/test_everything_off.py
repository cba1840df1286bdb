"""An account with every switch off is a whole account (GDPR Art. 7(4), 25(2))."""

from app.consents import consent_states
from app.pages.joining import JoinForm
from consent.record import history
from tests.app.api.speaking import Api
from tests.people import PASSWORD


def test_with_every_switch_off_one_signs_in_sees_takes_along_and_erases(app, sqlite_house, browser, ada):
    api = Api(app)
    api.sign_in(ada.address)
    browser.sign_in(ada)

    with sqlite_house.open_reading_vault() as vault:
        states = consent_states(vault, ada.subject_id, "en", sqlite_house.notices)
        assert not any(one.is_in_force for one in states)
        assert not history(vault, ada.subject_id)
    paths = ("/account", "/consents", "/rights", "/rights/export", "/rights/access-log", "/account/erase")
    assert {path: browser.open(path).status for path in paths} == dict.fromkeys(paths, 200)
    assert api("GET", "/account").status_code == 200
    assert api("POST", "/exports", {"right": "access", "password": PASSWORD}).status_code in (201, 202)
    erase = browser.open("/account/erase")
    assert browser.send(erase.form("/account/erase"), password=PASSWORD).status == 200
    assert Api(app)("POST", "/sessions", {"address": ada.address, "password": PASSWORD}).status_code == 401


def test_joining_asks_for_nothing_that_sets_a_consent():
    assert set(JoinForm().fields) == {"address", "password", "age"}
