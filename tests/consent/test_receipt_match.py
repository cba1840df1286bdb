"""Presenting a receipt: answered also when nobody here knows the person any more (GDPR Art. 11(2))."""

import json
from base64 import b64decode

import pytest

from app.erasing import erase_account
from app.receipts import match_of, match_to_json
from audit.checkpoint import NoteVerifier, open_checkpoint
from audit.jws import JwsSigner
from audit.merkle import leaf_hash, verify_inclusion
from consent.errors import ReceiptUnmatched
from consent.purpose import score_scope
from consent.receipt import make_receipts
from consent.receipt_document import KIND
from consent.receipt_match import MOST
from consent.record import Decision
from sources.activity import Platform
from tests.consent.test_receipt import receipts_of, segments
from tests.people import give_consent, new_person, withdraw_consent
from tests.sharing import SHARE, agree_to_share, new_recipient


def actions(match):
    return [str(found.entry.action) for found in match.entries]


def test_after_an_erasure_the_receipt_still_leads_to_every_entry_with_a_present_proof(house):
    person, other = new_person(house), new_person(house, "grace@example.org")
    give_consent(house, person)
    give_consent(house, person, Platform.MASTODON)
    give_consent(house, other)
    withdraw_consent(house, person)
    with house.open_reading_vault() as vault:
        token = make_receipts(vault, person.subject_id, house.issuer(), score_scope("x"))[0].token

    erase_account(house, person.subject_id)
    give_consent(house, other, Platform.MASTODON)  # the log goes on
    with house.data.connect() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM log_entry").scalar()
    match = match_of(house, token)

    assert house.keystore.find_subject(person.address) is None
    assert actions(match) == ["consent.given", "consent.withdrawn", "account.erased"]
    assert match.is_erased
    assert match.receipt.decision is Decision.GIVEN
    said = match_to_json(match, house.log_key)
    checkpoint = open_checkpoint(said["checkpoint"], [NoteVerifier.from_vkey(said["log_key"])])
    assert checkpoint.size > (match.receipt.size or 0)
    for entry in said["entries"]:
        proof = [b64decode(node) for node in entry["proof"]]
        leaf = leaf_hash(entry["entry"].encode())
        verify_inclusion(leaf, entry["index"], checkpoint.size, proof, checkpoint.root)
    with house.data.connect() as connection:
        after = connection.exec_driver_sql("SELECT count(*) FROM log_entry").scalar()
    assert after == before  # asking left nothing


def test_what_does_not_match_is_answered_alike(sqlite_house, person):
    give_consent(sqlite_house, person)
    token = receipts_of(sqlite_house, person)[0].token
    document = json.loads(segments(token)[1])
    stranger = JwsSigner(KIND, b"x" * 32).sign(segments(token)[1], "application/ld+json")
    elsewhere = document | {"log": document["log"] | {"covered": False, "index": 1}}
    misplaced = sqlite_house.consent_receipts.sign(json.dumps(elsewhere).encode(), "application/ld+json")

    said = set()
    for presented in ("", "x", token[:-8], token[:50] + "A" + token[51:], stranger, misplaced, "é" * 9):
        with pytest.raises(ReceiptUnmatched) as refused:
            match_of(sqlite_house, presented)
        said.add((refused.value.slug, refused.value.detail))
    assert len(said) == 1
    assert match_of(sqlite_house, f"  {token}\r\n").receipt.scope == "score.compute/x"


def test_a_very_long_history_is_cut_at_its_old_end_and_says_so(sqlite_house, person):
    for _ in range(MOST // 2 + 1):
        give_consent(sqlite_house, person)
        withdraw_consent(sqlite_house, person)

    match = match_of(sqlite_house, receipts_of(sqlite_house, person)[-1].token)

    assert len(match.entries) == MOST
    assert match.left_off == 2


def test_a_receipt_of_sharing_names_the_brand_and_the_fields(house, person):
    new_recipient(house)
    agree_to_share(house, person.subject_id)

    with house.open_reading_vault() as vault:
        (receipt,) = make_receipts(vault, person.subject_id, house.issuer(), SHARE)

    process = receipt.document["dpv:hasRecordOfActivity"]["dpv:hasProcess"]
    assert process["dpv:hasPurpose"] == ["dpv:SocialMediaMarketing"]
    (third,) = process["dpv:hasRecipientThirdParty"]
    assert third["dpv:hasName"] == "Rosengarten GmbH"
    assert third["kw:fields"] == ["handles", "score-band"]
    purpose = receipt.document["kantara"]["services"][0]["purposes"][0]
    assert (purpose["thirdPartyDisclosure"], purpose["thirdPartyName"]) == (True, "Rosengarten GmbH")
    assert match_of(house, receipt.token).receipt.scope == str(SHARE)
