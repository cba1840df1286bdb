"""Bringing an account along by the API: the same call as the page, with the password given just now."""

from datetime import timedelta

from app.sessions import SessionKind, begin_session
from tests.app.api.speaking import Api
from tests.packaging import SIGNER, package, with_member
from tests.people import PASSWORD, work

PATH = "/account/restoration"
ZIP = "application/zip"


def test_a_copy_is_brought_in_the_body_and_what_became_of_it_is_told(sqlite_house, api):
    before = api("GET", PATH).json

    taken = api("POST", PATH, data=package(), content_type=ZIP)
    again = api("POST", PATH, data=package(), content_type=ZIP)
    work(sqlite_house)
    after = api("GET", PATH).json

    assert (before["is_new"], before["state"], before["restored"]) == (True, None, None)
    assert (taken.status_code, taken.headers["Location"]) == (202, f"/api/v1{PATH}")
    assert taken.json["state"] == "queued"
    assert (again.status_code, again.json["type"]) == (409, "/problems/import-running")
    assert (after["is_new"], after["state"]) == (False, "done")
    assert (after["restored"]["key"], after["restored"]["is_known"]) == (SIGNER.verifier_key(), False)
    assert not any(consent["is_in_force"] for consent in api("GET", "/consents").json["consents"])
    assert api("GET", "/consents/score.compute/x/receipts").json == {"receipts": []}
    assert api("POST", PATH, data=package(), content_type=ZIP).json["type"] == "/problems/account-not-new"


def test_a_changed_copy_is_refused_by_the_files_name(sqlite_house, api):
    changed = with_member(package(), "data/account.jsonl", b"{}\n")

    api("POST", PATH, data=changed, content_type=ZIP)
    work(sqlite_house)
    told = api("GET", PATH).json

    assert (told["state"], told["problem"], told["is_new"]) == ("failed", "package-refused", True)
    assert told["facts"] == {"reason": "file-changed", "file": "data/account.jsonl"}


def opened_by_code(house, person):
    with house.open_vault("subject") as vault:
        return begin_session(vault, person.subject_id, SessionKind.RIGHTS_API)


def test_it_needs_somebody_the_password_just_now_and_a_zip(sqlite_house, api, person, stranger, clock):
    assert stranger("POST", PATH, data=package(), content_type=ZIP).status_code == 401
    assert api("POST", PATH, data=b"", content_type=ZIP).json["type"] == "/problems/upload-empty"
    assert api("POST", PATH, data=package(), content_type="text/plain").status_code == 415
    by_code = Api(api.app, opened_by_code(sqlite_house, person))
    assert by_code("GET", PATH).json["is_new"]
    assert by_code("POST", PATH, data=package(), content_type=ZIP).json["type"] == "/problems/password-needed"
    clock.advance(timedelta(minutes=11))

    stale = api("POST", PATH, data=package(), content_type=ZIP)
    api("POST", "/sessions/current/reauthentication", {"password": PASSWORD})

    assert (stale.status_code, stale.json["type"]) == (403, "/problems/password-needed")
    assert api("POST", PATH, data=package(), content_type=ZIP).status_code == 202
