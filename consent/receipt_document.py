"""What a receipt says, as JSON-LD in DPV terms, and as a Kantara Consent Receipt 1.1; pure.

The context stands inside: whoever reads it needs no network, and nobody can change what a term means
later. Kantara's receipt is one for consent given, so other decisions have no such view: a withdrawal that
reads as a consent would be worse than none.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from audit.jws import JwsSigner
from consent.controller import Controller
from consent.dpv import BASIS, BY_CONTROLLER, PREFIXES, PROFILE, RECORD_PROFILE, RIGHTS, STATES, TERMS
from consent.purpose import Purpose
from consent.record import ConsentRecord, Decision
from consent.register import PUBLISHED, Notices

KIND = "consent-receipt+jws"
CONTENT_TYPE = "application/ld+json"
KANTARA = "KI-CR-v1.1.0"
_IRIS = (
    "dct:conformsTo",
    "dct:publisher",
    "dpv:hasApplicableLaw",
    "dpv:hasAuthority",
    "dpv:hasDataController",
    "dpv:hasDataSource",
    "dpv:hasJurisdiction",
    "dpv:hasLegalBasis",
    "dpv:hasLocation",
    "dpv:hasPersonalData",
    "dpv:hasProcessing",
    "dpv:hasPurpose",
    "dpv:isExercisedAt",
    "dpv:isIndicatedBy",
    "schema:url",
)
_INSTANTS = ("dct:created", "dpv:isIndicatedAtTime", "schema:validThrough")


def _full(term: str) -> str:
    prefix, _, name = term.partition(":")
    return PREFIXES[prefix] + name


CONTEXT: dict[str, Any] = {
    "@version": 1.1,
    **PREFIXES,
    **{term: {"@id": _full(term), "@type": "@id"} for term in _IRIS},
    **{term: {"@id": _full(term), "@type": PREFIXES["xsd"] + "dateTime"} for term in _INSTANTS},
    "kantara": {"@id": _full("kw:kantara"), "@type": "@json"},
    "log": {"@id": _full("kw:log"), "@type": "@json"},
}


@dataclass(frozen=True)
class Issuer:
    """Who makes receipts: the controller, where people reach it, its key, and the log they are proven by.

    checkpoint: the last one signed; None where there is none yet.
    """

    controller: Controller
    url: str
    signer: JwsSigner
    log_key: str
    checkpoint: str | None
    notices: Notices = PUBLISHED


@dataclass(frozen=True)
class Shared:
    """To whom a consent lets data go, by name, for which perk, and which fields."""

    name: str
    perk: str
    fields: tuple[str, ...]


def receipt_document(
    record: ConsentRecord,
    reference: str,
    issuer: Issuer,
    receipt_id: UUID,
    now: datetime,
    shared: Shared | None = None,
) -> dict[str, Any]:
    """The receipt without its log evidence and its Kantara view."""
    return {
        "@context": CONTEXT,
        "@id": f"urn:uuid:{receipt_id}",
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": PROFILE,
        "dct:identifier": str(receipt_id),
        "dct:created": instant(now),
        "dct:publisher": issuer.url,
        "dpv:hasRecordOfActivity": {
            "@id": f"urn:uuid:{record.id}",
            "@type": "dpv:ConsentRecord",
            "dct:conformsTo": RECORD_PROFILE,
            "dct:identifier": str(record.id),
            "dpv:hasDataSubject": {"@type": "dpv:DataSubject", "dct:identifier": reference},
            "dpv:hasDataController": issuer.url,
            "dpv:hasJurisdiction": f"loc:{issuer.controller.country}",
            "dpv:hasApplicableLaw": "eu-gdpr:GDPR",
            "dpv:hasLegalBasis": BASIS,
            "dpv:hasNotice": _notice(record),
            "dpv:hasProcess": _process(record, issuer, shared),
            "dpv:hasConsentControl": {
                "@type": ["dpv:ProvideConsent", "dpv:WithdrawConsent"],
                "dpv:isExercisedAt": f"{issuer.url}/consents",
            },
            "dpv:hasRight": [_right(article, issuer) for article in RIGHTS],
            "dpv:hasAuthority": issuer.controller.authority.url,
            "dpv:hasEntity": _party(issuer),
            "dpv:hasConsentStatus": [_event(record)],
        },
    }


def kantara_view(
    record: ConsentRecord, question: str, document: dict[str, Any], issuer: Issuer
) -> dict[str, Any]:
    """The same consent in the fields of Kantara Consent Receipt 1.1.0."""
    terms, told = TERMS[record.purpose], document["dpv:hasRecordOfActivity"]
    recipients = [party["dpv:hasName"] for party in told["dpv:hasProcess"]["dpv:hasRecipientThirdParty"]]
    return {
        "version": KANTARA,
        "jurisdiction": issuer.controller.country,
        "consentTimestamp": int(record.decided_at.timestamp()),
        "collectionMethod": str(record.surface),
        "consentReceiptID": document["dct:identifier"],
        "publicKey": issuer.signer.public.jwk()["x"],
        "language": record.notice_language,
        "piiPrincipalId": told["dpv:hasDataSubject"]["dct:identifier"],
        "piiControllers": [
            {
                "piiController": issuer.controller.name,
                "contact": issuer.controller.contact,
                "address": issuer.controller.address,
                "email": "",
                "phone": "",
            }
        ],
        "policyUrl": f"{issuer.url}/privacy",
        "services": [
            {
                "service": "Klarwert",
                "purposes": [
                    {
                        "purpose": question,
                        "purposeCategory": list(terms.purposes),
                        "consentType": "EXPLICIT",
                        "piiCategory": list(terms.personal_data),
                        "primaryPurpose": record.purpose is Purpose.SCORE_COMPUTE,
                        "termination": f"{issuer.url}/consents",
                        "thirdPartyDisclosure": bool(recipients),
                        "thirdPartyName": ", ".join(recipients),
                    }
                ],
            }
        ],
        "sensitive": False,
        "spiCat": [],
    }


def instant(at: datetime) -> str:
    """An instant as log entries write it: UTC, to the millisecond."""
    utc = at.astimezone(UTC)
    utc = utc.replace(microsecond=utc.microsecond // 1000 * 1000)
    return utc.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def _notice(record: ConsentRecord) -> dict[str, Any]:
    return {
        "@id": f"urn:klarwert:notice:{record.notice_sha256}",
        "@type": "dpv:ConsentNotice",
        "dct:language": record.notice_language,
        "schema:version": record.notice_version,
        "kw:sha256": record.notice_sha256,
    }


def _process(record: ConsentRecord, issuer: Issuer, shared: Shared | None) -> dict[str, Any]:
    terms, lasts = TERMS[record.purpose], record.scope.rule.lasts
    said: dict[str, Any] = {
        "@type": "dpv:Process",
        "dct:identifier": str(record.scope),
        "dpv:hasService": "Klarwert",
        "dpv:hasPurpose": list(terms.purposes),
        "dpv:hasProcessing": list(terms.processing),
        "dpv:hasPersonalData": list(terms.personal_data),
        "dpv:hasDataSource": "dpv:DataSubjectDataSource",
        "dpv:hasRecipientThirdParty": [],
        "dpv:hasStorageCondition": [
            {"@type": "dpv:StorageLocation", "dpv:hasLocation": f"loc:{issuer.controller.country}"},
            {
                "@type": "dpv:StorageDuration",
                "dpv:hasDuration": {
                    "@type": "dpv:UntilEventDuration",
                    "rdf:value": "consent withdrawn or expired, or account erased",
                },
            },
        ],
    }
    if shared is not None:
        third_party = {
            "@type": "dpv:ThirdParty",
            "dpv:hasName": shared.name,
            "kw:fields": list(shared.fields),
        }
        said["dpv:hasRecipientThirdParty"] = [third_party]
    if lasts is not None:
        said["dpv:hasDuration"] = f"P{lasts.days}D"
    if record.purpose is Purpose.SCORE_COMPUTE:  # Art. 13(2)(f): how it is computed is public
        said["dpv:hasAlgorithmicLogic"] = {
            "@type": "dpv:AlgorithmicLogic",
            "schema:url": f"{issuer.url}/card",
        }
    return said


def _party(issuer: Issuer) -> dict[str, Any]:
    return {
        "@id": issuer.url,
        "@type": ["dpv:Organisation", "dpv:DataController"],
        "dct:identifier": issuer.url,
        "dpv:hasName": issuer.controller.name,
        "dpv:hasAddress": issuer.controller.address,
        "dpv:hasContact": issuer.controller.contact,
        "schema:url": issuer.url,
    }


def _right(article: str, issuer: Issuer) -> dict[str, Any]:
    places = {"A7-3": f"{issuer.url}/consents", "A77": issuer.controller.authority.url}
    return {
        "@type": ["dpv:DataSubjectRight", f"eu-gdpr:{article}"],
        "dpv:isExercisedAt": places.get(article, f"{issuer.url}/rights"),
    }


def _event(record: ConsentRecord) -> dict[str, Any]:
    state = STATES[record.decision]
    said: dict[str, Any] = {
        "@type": [state, "dpv:ExplicitlyExpressedConsent"] if record.decision is Decision.GIVEN else [state],
        "dpv:isIndicatedAtTime": instant(record.decided_at),
        "dpv:isIndicatedBy": "dpv:DataController" if record.decision in BY_CONTROLLER else "dpv:DataSubject",
        "dpv:hasIndicationMethod": str(record.surface),
    }
    if record.expires_at is not None:
        said["schema:validThrough"] = instant(record.expires_at)
    return said
