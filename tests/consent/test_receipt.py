"""Receipts: what the person keeps holds without us, and every changed byte is named."""

import base64
import json
import secrets
from contextlib import closing

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pyld import jsonld
from sqlalchemy.exc import DBAPIError

from app.setup import open_checked
from audit.entry import parse
from audit.jws import JwsSigner, keys_of_jwks, open_jws
from audit.log import subject_reference
from audit.stored import StoredLog
from consent.dpv import STATES, TERMS
from consent.errors import ReceiptInvalid
from consent.notice import notice
from consent.purpose import RULES, Basis
from consent.receipt import make_receipt, make_receipts, shown_notice
from consent.receipt_check import check_receipt
from consent.receipt_document import KIND
from consent.receipt_key import key_set, published_keys
from consent.record import Decision, history
from tests.people import give_consent, new_person, withdraw_consent

COLUMN = {"receipt_key": "kid", "log_reference": "index_"}


def receipts_of(house, person):
    with house.open_reading_vault() as vault:
        return make_receipts(vault, person.subject_id, house.issuer())


@pytest.fixture
def receipt(sqlite_house, person):
    give_consent(sqlite_house, person)
    return receipts_of(sqlite_house, person)[-1]


def segments(token):
    return [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")]


def signed_anew(house, document):
    return house.consent_receipts.sign(json.dumps(document).encode(), "application/ld+json")


def test_every_decision_has_a_receipt_that_holds_by_the_published_keys(house, person):
    give_consent(house, person)
    withdraw_consent(house, person)

    given, withdrawn = receipts_of(house, person)

    with house.open_reading_vault() as vault:
        published = published_keys(vault)
    for receipt, decision in ((given, Decision.GIVEN), (withdrawn, Decision.WITHDRAWN)):
        checked = check_receipt(receipt.token, published, house.log_key)
        assert (checked.scope, checked.decision) == ("score.compute/x", decision)
        assert checked.entry is not None
        assert checked.entry.action == f"consent.{decision}"
        assert (checked.size or 0) > (checked.index or 0) > 0
        assert receipt.is_covered
    assert "kantara" in given.document
    assert "kantara" not in withdrawn.document


def test_a_receipt_names_nobody_and_binds_the_very_words(sqlite_house, person, receipt):
    text = segments(receipt.token)[1].decode()

    assert person.address not in text
    assert str(person.subject_id) not in text
    record = receipt.document["dpv:hasRecordOfActivity"]
    shown = notice(receipt.record.scope, "en")
    assert record["dpv:hasNotice"]["kw:sha256"] == shown.sha256
    with sqlite_house.open_reading_vault() as vault:
        assert shown_notice(vault, receipt.record).text == shown.text
    assert len(record["dpv:hasDataSubject"]["dct:identifier"]) == 64


def test_another_implementation_verifies_the_signature(receipt):
    header, payload, signature = segments(receipt.token)
    key = base64.urlsafe_b64decode(json.loads(header)["jwk"]["x"] + "=")

    Ed25519PublicKey.from_public_bytes(key).verify(signature, receipt.token.rpartition(".")[0].encode())

    assert json.loads(payload) == receipt.document
    with pytest.raises(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(key).verify(signature, payload)


def test_the_json_ld_expands_without_a_network_and_no_term_is_lost(receipt):
    def nothing_is_fetched(url, _options):
        pytest.fail(f"{url} was asked for")

    (expanded,) = jsonld.expand(receipt.document, {"documentLoader": nothing_is_fetched})

    context = receipt.document["@context"]
    for term in terms(receipt.document):
        (alone,) = jsonld.expand({"@context": context, term: "x"})
        assert all(":" in iri for iri in alone), term
    assert expanded["@type"] == ["https://w3id.org/dpv#ConsentReceipt"]
    (record,) = expanded["https://w3id.org/dpv#hasRecordOfActivity"]
    (status,) = record["https://w3id.org/dpv#hasConsentStatus"]
    assert "https://w3id.org/dpv#ConsentGiven" in status["@type"]
    iris = [value["@id"] for values in record.values() for value in values if "@id" in value]
    assert all(iri.partition(":")[0] in ("http", "https", "urn") for iri in iris)
    (logged,) = expanded["urn:klarwert:vocabulary:log"]
    assert logged["@value"] == receipt.document["log"]


def terms(node):
    """Every key of a document, but for JSON literals and keywords."""
    if isinstance(node, list):
        return {term for one in node for term in terms(one)}
    if not isinstance(node, dict):
        return set()
    inner = {name: value for name, value in node.items() if not name.startswith("@")}
    return set(inner) | {
        term for name, value in inner.items() if name not in ("log", "kantara") for term in terms(value)
    }


def test_the_kantara_view_has_the_fields_of_version_1_1(receipt):
    view = receipt.document["kantara"]

    assert view["version"] == "KI-CR-v1.1.0"
    assert set(view) == {
        "version", "jurisdiction", "consentTimestamp", "collectionMethod", "consentReceiptID", "publicKey",
        "language", "piiPrincipalId", "piiControllers", "policyUrl", "services", "sensitive", "spiCat",
    }  # fmt: skip
    (service,) = view["services"]
    assert service["purposes"][0]["consentType"] == "EXPLICIT"
    assert service["purposes"][0]["thirdPartyDisclosure"] is False


def test_one_changed_character_anywhere_is_named(receipt):
    token = receipt.token
    places = {0, 1, len(token) - 1, len(token) - 2, token.index("."), token.rindex(".")}
    places |= {secrets.randbelow(len(token)) for _ in range(40)}

    for place in places:
        for other in "AQgw.!":
            changed = token[:place] + other + token[place + 1 :]
            if changed == token:
                continue
            with pytest.raises(ReceiptInvalid, match="does not hold: it "):
                check_receipt(changed)


def test_a_receipt_signed_by_nobody_we_publish_holds_by_itself_only(sqlite_house, receipt):
    stranger = JwsSigner(KIND, secrets.token_bytes(32))
    forged = stranger.sign(segments(receipt.token)[1], "application/ld+json")
    with sqlite_house.open_reading_vault() as vault:
        published = published_keys(vault)

    assert check_receipt(forged).scope == "score.compute/x"
    with pytest.raises(ReceiptInvalid, match="not among those published"):
        check_receipt(forged, published)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda doc: doc["log"].update(index=doc["log"]["index"] - 1), "proof does not hold"),
        (lambda doc: doc["log"].update(proof=doc["log"]["proof"][1:]), "proof does not hold"),
        (lambda doc: doc["log"].update(entry=doc["log"]["entry"].replace("given", "refused")), "proof"),
        (lambda doc: doc["log"].update(checkpoint="x"), "checkpoint does not open"),
        (lambda doc: doc["log"].pop("key"), "proof does not hold"),
        (lambda doc: doc.update(log=3), "proof does not hold"),
        (lambda doc: doc.pop("log"), "form of a receipt"),
        (lambda doc: doc.pop("dpv:hasRecordOfActivity"), "form of a receipt"),
        (
            lambda doc: doc["dpv:hasRecordOfActivity"]["dpv:hasNotice"].update({"kw:sha256": "0" * 64}),
            "records something else",
        ),
        (
            lambda doc: doc["dpv:hasRecordOfActivity"]["dpv:hasDataSubject"].update(
                {"dct:identifier": "0" * 64}
            ),
            "records something else",
        ),
        (
            lambda doc: doc["dpv:hasRecordOfActivity"]["dpv:hasConsentStatus"][0].update(
                {"@type": [STATES[Decision.WITHDRAWN]]}
            ),
            "records something else",
        ),
    ],
)
def test_even_the_service_cannot_sign_what_its_log_does_not_say(sqlite_house, receipt, change, named):
    document = json.loads(segments(receipt.token)[1])
    change(document)

    with pytest.raises(ReceiptInvalid, match=named):
        check_receipt(signed_anew(sqlite_house, document))


def test_a_receipt_before_its_checkpoint_says_so_and_is_proven_when_fetched_again(sqlite_house, person):
    early = sqlite_house.issuer()  # the checkpoint of before the decision
    give_consent(sqlite_house, person)
    with sqlite_house.open_reading_vault() as vault:
        (record,) = history(vault, person.subject_id)
        before = make_receipt(vault, record, early)
        after = make_receipt(vault, record, sqlite_house.issuer())

    assert check_receipt(before.token).size is None
    assert check_receipt(after.token).size is not None
    assert before.document["@id"] != after.document["@id"]


def test_certificates_and_receipts_share_no_key_and_an_exchanged_key_stays_published(sqlite_house, receipt):
    certificate_key = base64.b64decode(sqlite_house.receipts.verifier_key().split("+", 2)[2])[1:]
    assert certificate_key != sqlite_house.consent_receipts.public.raw
    (sqlite_house.config.secrets / "receipt.key").write_bytes(secrets.token_bytes(32))

    with closing(open_checked(sqlite_house.config)) as again, again.open_reading_vault() as vault:
        published = published_keys(vault)
        assert again.consent_receipts.public in published
        assert again.consent_receipts.public != sqlite_house.consent_receipts.public

    assert len(published) == 2
    kept = keys_of_jwks(json.dumps(key_set(published)))
    assert check_receipt(receipt.token, kept, sqlite_house.log_key).scope == "score.compute/x"


@pytest.mark.parametrize("table", ["receipt_key", "log_reference"])
def test_published_keys_and_references_are_never_changed(house, table):
    new_person(house)

    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {COLUMN[table]} = {COLUMN[table]}"):
        with house.open_vault("system") as vault, pytest.raises(DBAPIError, match="append-only"):
            vault.connection.exec_driver_sql(statement)


def test_a_token_of_another_kind_or_algorithm_is_none():
    signer = JwsSigner("something-else", secrets.token_bytes(32))
    token = signer.sign(b"{}", "application/json")
    _, payload, signature = token.split(".")
    weak = json.loads(segments(token)[0]) | {"alg": "none"}
    unsigned = base64.urlsafe_b64encode(json.dumps(weak).encode()).rstrip(b"=").decode()

    assert open_jws(token, "something-else").payload == b"{}"
    for refused in (token, f"{unsigned}.{payload}.", f"{unsigned}.{payload}.{signature}", "", "a.b.c"):
        with pytest.raises(ReceiptInvalid, match="not in the form"):
            check_receipt(refused)


def test_every_purpose_of_consent_and_every_decision_has_its_terms():
    assert set(TERMS) == {purpose for purpose, rule in RULES.items() if rule.basis is Basis.CONSENT}
    assert set(STATES) == set(Decision)


def test_the_command_line_verifies_offline_and_names_what_does_not_hold(
    sqlite_house, receipt, commands, tmp_path
):
    file, keys = tmp_path / "receipt.jws", tmp_path / "keys.json"
    file.write_text(receipt.token)
    with sqlite_house.open_reading_vault() as vault:
        keys.write_text(json.dumps(key_set(published_keys(vault))))

    def verify(*arguments):
        nowhere = {"KLARWERT_HOME": str(tmp_path / "nowhere"), "PATH": ""}
        return commands.run("receipt", "verify", *arguments, more=nowhere)

    own = verify(file)
    published = verify(file, "--keys", keys, "--log-key", sqlite_house.log_key)
    halfway = verify(file, "--keys", keys)
    file.write_text(receipt.token[:-3] + "AAA")
    altered = verify(file)

    assert (own.returncode, published.returncode, altered.returncode) == (0, 0, 1)
    assert "signature and log by its own key" in own.stdout
    assert "(log by its own key" in halfway.stdout
    assert "by its own key" not in published.stdout
    assert "score.compute/x was given" in published.stdout
    assert "proven by its checkpoint" in published.stdout
    assert "altered" in altered.stderr


def test_the_log_finds_every_entry_about_a_reference(house):
    person, other = new_person(house), new_person(house, "grace@example.org")
    give_consent(house, person)
    give_consent(house, other)

    with house.open_reading_vault() as vault:
        reference = subject_reference(vault, person.subject_id)
        found = list(StoredLog(vault.connection).about(reference))
        everything = list(StoredLog(vault.connection).entries(0, StoredLog(vault.connection).size))
    assert found == [
        (index, body)
        for index, (body, _) in enumerate(everything)
        if parse(body).subject_ref == reference.hex()
    ]
    assert len(found) >= 3
