"""Every refusal's HTTP status, and its two forms: `application/problem+json` for programs, a page for people.

A problem document is RFC 9457: `type` is the page /problems/<slug>, `title` never varies, `detail` and the
facts hold numbers and closed words only. People read title and explanation in their language. What was not
expected is said to be so and nothing else: no trace, no value, no name.
"""

import json
import traceback
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.accounts import (
    AccountSuspended,
    AddressInvalid,
    AddressUnconfirmed,
    ConfirmationInvalid,
    CredentialsWrong,
    PasswordNeeded,
)
from app.brand_access import BrandTokenInvalid, ScopeMissing
from app.config import SettingInvalid
from app.exports import ExportRunning, ExportUnknown
from app.imports import ImportRunning, UploadEmpty
from app.jobs import JobAbandoned, JobUnknown
from app.letters import LetterSent, LetterUnfit
from app.outgoing import OutgoingFailed
from app.passwords import PasswordUnfit
from app.profile import DisplayNameUnfit
from app.rights_code import RightsCodeWrong
from app.security import is_api
from app.setup import AddressInUse, DatabaseUnreachable, SchemaOutdated
from app.staff import StaffAliasUnfit, StaffCredentialsWrong, StaffRoleMissing, StaffUnknown
from audit.errors import (
    CheckpointInvalid,
    EntryInvalid,
    EntryLost,
    ExportRefused,
    IndexOutsideLog,
    LogBroken,
    LogClosed,
    LogContinues,
    LogForked,
    LogMissing,
    LogRolledBack,
    LogStillWritten,
    MarkMissing,
    MarkPresent,
    PolicyInvalid,
    ProofInvalid,
    SignatureInvalid,
    TileInvalid,
    VerifierKeyInvalid,
)
from consent.disclosure import DisclosureUnrecorded, FieldsNotCovered
from consent.errors import (
    ConfirmationMissing,
    ConsentChanged,
    ConsentLinkInvalid,
    ConsentMissing,
    GrantNotTheirs,
    NoticeUnknown,
    ProcessingLimited,
    ReceiptInvalid,
    ReceiptUnmatched,
    SignalHeeded,
    TooYoung,
)
from consent.recipient import RecipientNotReady, RecipientRefused, RecipientUnknown
from explain.errors import DoesNotAddUp, TargetRefused, WordsMissing
from model.errors import (
    BuildRefused,
    BuildUnknown,
    CardRefused,
    ExtraMissing,
    InputsRefused,
    ReleaseRefused,
    TooFewPeople,
    TrainingDataRefused,
)
from perks.claim import AddressUnfit
from perks.client import ClientUnfit, ClientUnknown
from perks.errors import (
    BrandRoleMissing,
    BrandUnfit,
    BrandUnknown,
    CodesGone,
    CodesUnfit,
    InvitationGone,
    LastOwner,
    OfferIncomplete,
    OfferScreened,
    OfferStepIllegal,
    OfferUnknown,
    OfferUnusable,
)
from perks.figures import FiguresNotForThis
from perks.handover import (
    AlreadyHandedOver,
    NothingToHandOver,
    PreviewOutdated,
    UseNotAllowed,
    ValuesLacking,
)
from perks.life import StepIllegal
from perks.matching import OfferNotOpen
from perks.participation import OfferTaken, ParticipationUnknown
from perks.post import PostUnfit
from perks.profile import ProfileUnfit
from perks.quota import QuotaSpent
from perks.received import LabelsNotForThis
from perks.review import AdmissionBeyond, ReviewUnfit
from perks.webhook import WebhookUnfit, WebhookUnknown
from rights.erasure import CertificateInvalid
from rights.erasure_ledger import ErasureLedgerRefused
from rights.errors import (
    AccountNotNew,
    BreachIncomplete,
    BreachUnknown,
    ExtensionRefused,
    FigureUnchanged,
    IdentityKnown,
    LiftTooEarly,
    ObjectionAbsolute,
    ReasonsMissing,
    RefusalIncomplete,
    RequestStateWrong,
    RequestUnknown,
    ReviewerNeeded,
    SecondPersonNeeded,
)
from rights.notice_outbox import NoticeGone
from sources.errors import (
    ArchiveAmbiguous,
    ArchiveEncrypted,
    ArchiveIncomplete,
    ArchiveUnreadable,
    ArchiveUnsafe,
    ExportFormatWrong,
    FigureUnknown,
    PackageRefused,
    PlatformUnknown,
    RecordInvalid,
    WrongPlatform,
)
from vault.durability import DiskFailed
from vault.errors import (
    DomainError,
    EnvelopeInvalid,
    KeyDestroyed,
    KeyFileRefused,
    PermitInvalid,
    SubjectUnknown,
)
from vault.kekfiles import RotationRunning
from vault.keystore import AddressTaken

STATUS: dict[type[DomainError], int] = {
    AccountNotNew: 409,
    AccountSuspended: 403,
    AddressInUse: 503,
    AddressInvalid: 422,
    AddressTaken: 409,
    AddressUnconfirmed: 403,
    AddressUnfit: 422,
    AdmissionBeyond: 409,
    AlreadyHandedOver: 409,
    ArchiveAmbiguous: 422,
    ArchiveEncrypted: 422,
    ArchiveIncomplete: 422,
    ArchiveUnreadable: 422,
    ArchiveUnsafe: 422,
    BrandRoleMissing: 403,
    BrandTokenInvalid: 401,
    BrandUnfit: 422,
    BrandUnknown: 404,
    BreachIncomplete: 422,
    BreachUnknown: 404,
    BuildRefused: 409,
    BuildUnknown: 404,
    CardRefused: 500,
    CertificateInvalid: 422,
    CheckpointInvalid: 422,
    ClientUnfit: 422,
    ClientUnknown: 404,
    CodesGone: 409,
    CodesUnfit: 422,
    ConfirmationInvalid: 410,
    ConfirmationMissing: 403,
    ConsentChanged: 409,
    ConsentLinkInvalid: 410,
    ConsentMissing: 403,
    CredentialsWrong: 401,
    DatabaseUnreachable: 503,
    DiskFailed: 503,
    DisplayNameUnfit: 422,
    DisclosureUnrecorded: 500,
    DoesNotAddUp: 500,
    EntryInvalid: 500,
    EntryLost: 410,
    EnvelopeInvalid: 500,
    ErasureLedgerRefused: 503,
    ExportFormatWrong: 422,
    ExportRefused: 409,
    ExportRunning: 409,
    ExportUnknown: 404,
    ExtensionRefused: 409,
    ExtraMissing: 501,
    FieldsNotCovered: 403,
    FigureUnchanged: 422,
    FiguresNotForThis: 403,
    LabelsNotForThis: 403,
    FigureUnknown: 422,
    GrantNotTheirs: 403,
    IdentityKnown: 409,
    ImportRunning: 409,
    IndexOutsideLog: 404,
    InputsRefused: 422,
    InvitationGone: 410,
    JobAbandoned: 500,
    JobUnknown: 404,
    KeyDestroyed: 410,
    KeyFileRefused: 500,
    LastOwner: 409,
    LetterSent: 409,
    LetterUnfit: 422,
    LiftTooEarly: 409,
    LogBroken: 503,
    LogClosed: 503,
    LogContinues: 409,
    LogForked: 503,
    LogMissing: 503,
    LogRolledBack: 503,
    LogStillWritten: 409,
    MarkMissing: 503,
    MarkPresent: 409,
    NothingToHandOver: 409,
    NoticeGone: 410,
    NoticeUnknown: 422,
    ObjectionAbsolute: 409,
    OfferIncomplete: 422,
    OfferNotOpen: 409,
    OfferScreened: 422,
    OfferStepIllegal: 409,
    OfferTaken: 409,
    OfferUnknown: 404,
    OfferUnusable: 422,
    OutgoingFailed: 502,
    ParticipationUnknown: 404,
    PackageRefused: 422,
    PasswordNeeded: 403,
    PasswordUnfit: 422,
    PermitInvalid: 500,
    PlatformUnknown: 422,
    PostUnfit: 422,
    PreviewOutdated: 409,
    ProcessingLimited: 403,
    ProfileUnfit: 422,
    ProofInvalid: 422,
    QuotaSpent: 429,
    ReasonsMissing: 422,
    ReceiptInvalid: 422,
    ReceiptUnmatched: 404,
    RecipientNotReady: 403,
    RecipientRefused: 422,
    RecipientUnknown: 404,
    RecordInvalid: 422,
    RefusalIncomplete: 422,
    ReleaseRefused: 409,
    RequestStateWrong: 409,
    RequestUnknown: 404,
    ReviewerNeeded: 403,
    ReviewUnfit: 422,
    RightsCodeWrong: 401,
    RotationRunning: 409,
    SchemaOutdated: 503,
    ScopeMissing: 403,
    SecondPersonNeeded: 403,
    SettingInvalid: 500,
    SignalHeeded: 403,
    SignatureInvalid: 422,
    StaffAliasUnfit: 409,
    StaffCredentialsWrong: 401,
    StaffRoleMissing: 403,
    StaffUnknown: 404,
    StepIllegal: 409,
    SubjectUnknown: 404,
    TargetRefused: 422,
    PolicyInvalid: 422,
    TileInvalid: 422,
    TooFewPeople: 409,
    TooYoung: 403,
    TrainingDataRefused: 422,
    UploadEmpty: 422,
    UseNotAllowed: 403,
    ValuesLacking: 422,
    VerifierKeyInvalid: 422,
    WebhookUnfit: 422,
    WebhookUnknown: 404,
    WordsMissing: 500,
    WrongPlatform: 422,
}


@dataclass(frozen=True)
class WebProblem:
    """A refusal of the web itself, before the domain is asked."""

    slug: str
    title: str
    detail: str


_REQUEST_UNREADABLE = WebProblem(
    "bad-request", "Request cannot be used", "The request cannot be read as sent."
)
_UNEXPECTED = WebProblem(
    "unexpected", "Something went wrong", "This was not expected, and nothing was changed."
)
FORM_EXPIRED = WebProblem("form-expired", "Form no longer valid", "Please load the page again and repeat.")
WEB_PROBLEMS = {
    400: _REQUEST_UNREADABLE,
    401: WebProblem("sign-in-needed", "Please sign in", "This needs somebody who is signed in."),
    404: WebProblem("not-found", "Not found", "There is nothing at this address."),
    405: WebProblem("method-not-allowed", "Method not allowed", "This address does not take this method."),
    413: WebProblem("too-large", "Too large", "More was sent than is taken here."),
    422: WebProblem("form-unexpected", "Unexpected fields", "Something was sent that nobody asked for."),
    429: WebProblem("too-many-requests", "Too many attempts", "Please wait a little and try again."),
    500: _UNEXPECTED,
}
_log = structlog.get_logger("klarwert.web")


def register(app: Flask) -> None:
    """Answer every refusal; registered last, so that no extension answers instead."""
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(HTTPException, _refused_by_web)
    app.register_error_handler(Exception, _unexpected)


def problem(slug: str, title: str, status: int, detail: str, **members: Any) -> Response:
    """One problem document (RFC 9457 section 3)."""
    document = {"type": f"/problems/{slug}", "title": title, "status": status, "detail": detail, **members}
    return Response(json.dumps(document), status=status, content_type="application/problem+json")


def status_of(error: DomainError) -> int:
    """The HTTP status of a refusal; one nobody listed is our own mistake."""
    return STATUS.get(type(error), 500)


def _refused(error: DomainError) -> Response:
    status = status_of(error)
    if status >= 500:
        _log.error("refused", problem=error.slug, endpoint=request.endpoint)
    if is_api():
        members = {name: fact for name, fact in error.facts.items() if fact is not None}
        answer = problem(error.slug, error.title, status, error.detail, **members)
        if isinstance(error, QuotaSpent):
            answer.headers["Retry-After"] = str(error.seconds)
        return answer
    return _page(error.slug, status)


def _refused_by_web(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    known = WEB_PROBLEMS.get(status, _REQUEST_UNREADABLE if status < 500 else _UNEXPECTED)
    said = FORM_EXPIRED if isinstance(error, CSRFError) else known
    answer = problem(said.slug, said.title, status, said.detail) if is_api() else _page(said.slug, status)
    for name, value in error.get_headers():  # Allow, Retry-After
        if name not in ("Content-Type", "Content-Length"):
            answer.headers[name] = value
    return answer


def _unexpected(error: Exception) -> Response:
    # Type and place only: the message of a foreign exception may hold what a person entered.
    place = traceback.extract_tb(error.__traceback__)[-1]
    _log.error(
        "unexpected",
        error=type(error).__name__,
        at=f"{place.filename.rpartition('/')[2]}:{place.lineno}",
        endpoint=request.endpoint,
    )
    if is_api():
        return problem(_UNEXPECTED.slug, _UNEXPECTED.title, 500, _UNEXPECTED.detail)
    try:
        return _page(_UNEXPECTED.slug, 500)
    except Exception:  # the page itself needs what is broken
        return Response(f"{_UNEXPECTED.title}.\n", status=500, content_type="text/plain; charset=utf-8")


def _page(slug: str, status: int) -> Response:
    return make_response(render_template("problem.html", slug=slug, status=status), status)
