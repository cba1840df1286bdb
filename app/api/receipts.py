"""Receipts for programs: those of one scope, the words they are about, and what one presented leads to."""

from typing import Any
from uuid import UUID

from flask import Response, abort
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from app.api.answering import answer
from app.api.asking import body, signed_in_within
from app.api.consents import ABOUT_NOTHING, PLACES
from app.api.fields import Count, Instant, Text, Truth
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.consents import scopes
from app.current import house as this_house
from app.receipts import match_of, match_to_json, own_log_receipts
from audit.entry import Action
from consent.errors import NoticeUnknown, ReceiptUnmatched
from consent.purpose import Scope
from consent.receipt import make_receipts, shown_notice
from consent.record import ConsentRecord, Decision, find_latest
from consent.register import LANGUAGES
from vault.desk import Vault

views = api_blueprint("receipts")


class ReceiptSchema(Schema):
    """One decision and its receipt; `is_covered` says whether a checkpoint proves its log entry already."""

    number = Count(required=True)
    decision = fields.Enum(Decision, by_value=fields.String, required=True)
    decided_at = Instant(required=True)
    is_covered = Truth(required=True)
    receipt = fields.String(required=True, metadata={"description": "compact JWS, alg Ed25519"})


class ReceiptsSchema(Schema):
    """The receipts of one scope, oldest first."""

    receipts = fields.List(fields.Nested(ReceiptSchema), required=True)


class EvidenceSchema(Schema):
    """The exact words the last decision was about; `sha256` is their digest and the one recorded."""

    number = Count(required=True)
    decision = fields.Enum(Decision, by_value=fields.String, required=True)
    decided_at = Instant(required=True)
    version = fields.String(required=True)
    language = fields.String(required=True, validate=OneOf(LANGUAGES))
    text = fields.String(required=True)
    sha256 = fields.String(required=True, validate=Length(equal=64))


class LogReceiptSchema(Schema):
    """One act about the person as the log holds it; `proof` is the text of a C2SP tlog-proof file."""

    log = Count(required=True, metadata={"description": "the number of the log that holds it"})
    index = Count(required=True)
    action = fields.Enum(Action, by_value=fields.String, required=True)
    at = Instant(required=True)
    proof = fields.String(
        required=True, allow_none=True, metadata={"description": "null until a checkpoint covers the entry"}
    )


class LogReceiptsSchema(Schema):
    """The log's entries of consent, withdrawal, export, erasure, disclosure and requests, newest first."""

    receipts = fields.List(fields.Nested(LogReceiptSchema), required=True)


class PresentedSchema(Schema):
    """A receipt, as it was kept."""

    receipt = Text(required=True, validate=Length(1, 60_000))


class FoundEntrySchema(Schema):
    """One entry of the log: its bytes as text, its place, and its inclusion proof under the checkpoint."""

    index = Count(required=True)
    entry = fields.String(required=True)
    covered = Truth(required=True)
    proof = fields.List(fields.String(), required=True, metadata={"description": "base64, RFC 6962"})
    closed_checkpoint = fields.String(
        required=True, allow_none=True, metadata={"description": "of the log it is in, where that was closed"}
    )
    closed_key = fields.String(required=True, allow_none=True)


class ReceiptMatchSchema(Schema):
    """What a receipt says, and every entry about its bearer and its scope."""

    scope = fields.String(required=True)
    decision = fields.Enum(Decision, by_value=fields.String, required=True)
    decided_at = Instant(required=True)
    reference = fields.String(required=True, validate=Length(equal=64))
    is_erased = Truth(required=True)
    left_off = Count(required=True, metadata={"description": "older entries that are not shown"})
    entries = fields.List(fields.Nested(FoundEntrySchema), required=True)
    checkpoint = fields.String(required=True, allow_none=True)
    log_key = fields.String(required=True)


@views.get("/consents/<purpose>/<about>/receipts")
@operation(
    Operation(
        "The signed receipt of every decision about one scope",
        Answer(200, "The receipts", (ReceiptsSchema,)),
        places=PLACES,
    )
)
def list_receipts(purpose: str, about: str) -> Response:
    return _receipts(purpose, about)


@views.get("/consents/<purpose>/receipts")
@operation(
    Operation(
        "The same for what is about nothing in particular",
        Answer(200, "The receipts", (ReceiptsSchema,)),
        places=ABOUT_NOTHING,
    )
)
def list_receipts_about_nothing(purpose: str) -> Response:
    return _receipts(purpose, "")


def _receipts(purpose: str, about: str) -> Response:
    house = this_house()
    with house.open_reading_vault() as vault:
        subject_id, scope = signed_in_within(vault, house).subject_id, _scope(purpose, about)
        made = make_receipts(vault, subject_id, house.issuer(), scope)
    shown = [{**_decided(one.record), "is_covered": one.is_covered, "receipt": one.token} for one in made]
    return answer(ReceiptsSchema().dump({"receipts": shown}))


@views.get("/log/receipts")
@operation(
    Operation(
        "What the log holds of your decisions and requests, each with its proof",
        Answer(200, "The entries, at most 200", (LogReceiptsSchema,)),
    )
)
def list_log_receipts() -> Response:
    house = this_house()
    with house.open_reading_vault() as vault:
        logged = own_log_receipts(vault, signed_in_within(vault, house).subject_id, house.issuer())
    shown = [
        {
            "log": one.log_number,
            "index": one.index,
            "action": one.entry.action,
            "at": one.entry.at,
            "proof": one.proof.to_text() if one.proof is not None else None,
        }
        for one in logged
    ]
    return answer(LogReceiptsSchema().dump({"receipts": shown}))


@views.get("/consents/<purpose>/<about>/evidence")
@operation(
    Operation(
        "The exact words the last decision about one scope was made on",
        Answer(200, "The words, with their digest", (EvidenceSchema,)),
        refuses=(NoticeUnknown,),
        places=PLACES,
    )
)
def show_evidence(purpose: str, about: str) -> Response:
    return _evidence(purpose, about)


@views.get("/consents/<purpose>/evidence")
@operation(
    Operation(
        "The same for what is about nothing in particular",
        Answer(200, "The words, with their digest", (EvidenceSchema,)),
        refuses=(NoticeUnknown,),
        places=ABOUT_NOTHING,
    )
)
def show_evidence_about_nothing(purpose: str) -> Response:
    return _evidence(purpose, "")


def _evidence(purpose: str, about: str) -> Response:
    house = this_house()
    with house.open_reading_vault() as vault:
        record = _latest(vault, signed_in_within(vault, house).subject_id, _scope(purpose, about))
        shown = shown_notice(vault, record, house.notices)
    words = {name: getattr(shown, name) for name in ("version", "language", "text", "sha256")}
    return answer(EvidenceSchema().dump({**_decided(record), **words}))


@views.post("/receipts/match")
@operation(
    Operation(
        "Present a receipt: what the log holds about its bearer, also after an erasure",
        Answer(200, "The entries, with a present proof of each", (ReceiptMatchSchema,)),
        takes=PresentedSchema,
        refuses=(ReceiptUnmatched,),
        is_public=True,
        example={"receipt": "eyJhbGciOiJFZDI1NTE5Iiw….eyJAY29udGV4dCI6….bXkgc2lnbmF0dXJl…"},
    )
)
def match_presented() -> Response:
    house = this_house()
    return answer(match_to_json(match_of(house, body(PresentedSchema)["receipt"]), house.log_key))


def _scope(purpose: str, about: str) -> Scope:
    known = {(scope.purpose.value, scope.about): scope for scope in scopes()}
    return known.get((purpose, about)) or abort(404)


def _latest(vault: Vault, subject_id: UUID, scope: Scope) -> ConsentRecord:
    return find_latest(vault, subject_id, scope) or abort(404)


def _decided(record: ConsentRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in ("number", "decision", "decided_at")}
