"""Receipts and the access log for programs."""

from app.erasing import erase_account
from audit.jws import keys_of_jwks
from consent.access import note_read
from consent.gate import require_permit
from consent.notice import notice
from consent.purpose import RIGHTS, score_scope
from consent.receipt_check import check_receipt
from sources.activity import Platform


def test_the_receipts_of_a_scope_hold_and_the_words_are_the_very_ones(app, api, sqlite_house):
    assert api("GET", "/consents/score.compute/x/receipts").json == {"receipts": []}
    assert api("GET", "/consents/score.compute/x/evidence").status_code == 404
    api.decide(Platform.X, "given", 0)
    api.decide(Platform.X, "withdrawn", 1)

    receipts = api("GET", "/consents/score.compute/x/receipts").json["receipts"]
    evidence = api("GET", "/consents/score.compute/x/evidence").json

    keys = keys_of_jwks(app.test_client().get("/.well-known/consent-keys.json").text)
    checked = [check_receipt(one["receipt"], keys, sqlite_house.log_key) for one in receipts]
    assert [one.decision for one in checked] == ["given", "withdrawn"]
    assert all(one["is_covered"] for one in receipts)
    shown = notice(score_scope("x"), "en")
    assert (evidence["text"], evidence["sha256"]) == (shown.text, shown.sha256)
    assert api("GET", "/consents/score.compute/nowhere/receipts").status_code == 404


def test_a_receipt_is_matched_for_a_stranger_after_the_erasure(api, stranger, person, sqlite_house):
    api.decide(Platform.X, "given", 0)
    (kept,) = api("GET", "/consents/score.compute/x/receipts").json["receipts"]
    erase_account(sqlite_house, person.subject_id)

    found = stranger("POST", "/receipts/match", {"receipt": kept["receipt"]})
    refused = [stranger("POST", "/receipts/match", {"receipt": sent}) for sent in ("x", kept["receipt"][:-9])]
    empty = stranger("POST", "/receipts/match", {"receipt": ""})

    assert found.json["is_erased"] is True
    assert [entry["covered"] for entry in found.json["entries"]] == [
        True,
        True,
        True,
    ]  # given, withdrawn by the erasure, erased
    assert {(one.status_code, one.text) for one in refused} == {(404, refused[0].text)}
    assert empty.status_code == 422


def test_the_access_log_tells_programs_what_the_page_tells_people(api, person, sqlite_house):
    with sqlite_house.open_vault("reviewer", "ben") as vault:
        note_read(vault, require_permit(vault, person.subject_id, RIGHTS), "rights_request.content")

    told = api("GET", "/access-log?show=done").json
    denied = api("GET", "/access-log?show=denied&page=1").json

    seen = next(one for one in told["accesses"] if one["alias"] == "ben")
    assert (seen["role"], seen["purpose"], seen["fields"]) == (
        "reviewer",
        "rights",
        ["rights_request.content"],
    )
    assert (told["page"], told["has_more"]) == (1, False)
    assert denied["accesses"] == []
    assert api("GET", "/access-log?page=0").status_code == 422
    assert api("GET", "/access-log?show=mine").status_code == 422
