"""A log entry: one act, without personal data, in its one canonical form; pure.

RFC 8785 (JSON Canonicalization Scheme) bytes of one object, at most 65535 of them. An absent value has
no field; `null`, floats, free text and unknown fields are refused, so an entry has one form only.
Every string is of a closed list or pattern of ASCII without quotes or backslashes, every number an
integer below 2**53 and every name ASCII: for such objects the standard encoder with sorted names writes
exactly the RFC's bytes (a test compares it with an implementation of the whole RFC).

People appear as a keyed reference that dies with their key; how it is made: vault/desk.py.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NoReturn

from audit.errors import EntryInvalid
from audit.tiles import ENTRY_BYTES

VERSION = 1
COUNT_LIMIT = 1 << 53  # RFC 8785 section 3.2.2.3: beyond, a number is not exact everywhere


class Action(StrEnum):
    """What was done."""

    LOG_OPENED = "log.opened"
    LOG_CLOSED = "log.closed"  # its last entry: another log goes on, under another key
    LOG_RESTORED = "log.restored"  # its first entry: the log before was put back from an older copy
    LOG_ADOPTED = "log.adopted"  # its last checkpoint was lost, and an operator vouched for it
    ACCOUNT_CREATED = "account.created"
    ACCOUNT_CONFIRMED = "account.confirmed"
    ACCOUNT_ERASED = "account.erased"
    ACCOUNT_SUSPENDED = "account.suspended"
    ACCOUNT_REINSTATED = "account.reinstated"
    ACCOUNT_RESTORED = "account.restored"  # from a package of another installation
    CONSENT_REQUESTED = "consent.requested"  # said, not yet confirmed by mail
    CONSENT_GIVEN = "consent.given"
    CONSENT_REFUSED = "consent.refused"
    CONSENT_EXPIRED = "consent.expired"  # its term ended, and nobody gave it anew
    CONSENT_WITHDRAWN = "consent.withdrawn"
    CONSENT_REVOKED = "consent.revoked"  # ended by staff
    CONSENT_INVALIDATED = "consent.invalidated"  # it never was one
    CONSENT_CARRIED = "consent.carried"  # history from another installation, not in force
    SIGNAL_SEEN = "signal.seen"  # a browser asks not to share (Global Privacy Control)
    IMPORT_STORED = "import.stored"
    IMPORT_REFUSED = "import.refused"
    SCORE_COMPUTED = "score.computed"
    CARD_RELEASED = "card.released"  # announced, with its number and digest as the notice
    RECORD_READ = "record.read"  # by anyone but the person in their own session
    RECORD_RECTIFIED = "record.rectified"
    DATA_DISCLOSED = "data.disclosed"  # to a recipient, committed before a byte leaves
    RIGHTS_REQUESTED = "rights.requested"
    RIGHTS_PAUSED = "rights.paused"  # the clock, while an identity check is open
    RIGHTS_RESUMED = "rights.resumed"
    RIGHTS_EXTENDED = "rights.extended"
    RIGHTS_REFUSAL_PROPOSED = "rights.refusal-proposed"  # by one of the staff, named by a keyed reference
    RIGHTS_REFUSAL_CONFIRMED = "rights.refusal-confirmed"  # by another one
    RIGHTS_ANSWERED = "rights.answered"
    REVIEW_DECIDED = "review.decided"
    PROCESSING_RESTRICTED = "processing.restricted"
    RESTRICTION_LIFTED = "restriction.lifted"
    OBJECTION_MADE = "objection.made"
    OBJECTION_ENDED = "objection.ended"
    EXPORT_MADE = "export.made"
    EXPORT_FETCHED = "export.fetched"
    ERASURE_BEGUN = "erasure.begun"
    ERASURES_REPLAYED = "erasures.replayed"  # after a backup was restored, before anything is served
    NOTICE_SENT = "notice.sent"  # to a recipient: Art. 19
    NOTICE_ACKNOWLEDGED = "notice.acknowledged"
    NOTICE_ESCALATED = "notice.escalated"
    RECIPIENT_ADDED = "recipient.added"
    RECIPIENT_ENDED = "recipient.ended"
    PERK_OPTED_IN = "perk.opted-in"
    PERK_JUDGED = "perk.judged"  # whether somebody may take part, worked out for them
    PERK_REVIEWED = "perk.reviewed"  # such a no, looked at by a human
    PERK_MOVED = "perk.moved"  # any step of a participation that is not named here
    PERK_CLAIMED = "perk.claimed"
    PERK_POSTED = "perk.posted"
    PERK_LABEL_CHECKED = "perk.label-checked"
    PERK_LAPSED = "perk.lapsed"
    PERK_WITHDRAWN = "perk.withdrawn"
    PERK_REFUSED = "perk.refused"  # a step that the table of steps does not hold
    BRAND_VERIFIED = "brand.verified"  # domain and contact shown to be theirs, terms accepted
    OFFER_PUBLISHED = "offer.published"  # or a further version of it
    OFFER_CLOSED = "offer.closed"
    RESEARCH_BUILT = "research.built"  # training data of those who consent, counted in tens
    RESEARCH_DESTROYED = "research.destroyed"
    STAFF_ADDED = "staff.added"
    STAFF_ENDED = "staff.ended"
    BREACH_RECORDED = "breach.recorded"
    BREACH_CLOSED = "breach.closed"
    KEYS_DESTROYED = "keys.destroyed"
    KEYS_ROTATED = "keys.rotated"  # so many keys taken over by a new KEK, and the old one destroyed
    RETENTION_PURGED = "retention.purged"
    AUDIT_LOOKED = "audit.looked"  # the auditor opened a part of the room; its scope says which and why


class ActorRole(StrEnum):
    """In which role."""

    SUBJECT = "subject"
    WORKER = "worker"
    OPERATOR = "operator"
    SYSTEM = "system"
    STAFF = "staff"  # answers requests
    REVIEWER = "reviewer"  # looks again at a score, by hand
    AUDITOR = "auditor"
    RECIPIENT = "recipient"  # somebody the person lets have something
    VISITOR = "visitor"  # anybody who opened a page the person made public


class Outcome(StrEnum):
    """How it ended."""

    DONE = "done"
    DENIED = "denied"
    FAILED = "failed"


class Count(StrEnum):
    """What may be counted in an entry: rows and keys of ours, never what a person did."""

    ROWS = "rows"
    WEEKS = "weeks"
    REPLACED = "replaced"
    KEYS = "keys"
    SCOPES = "scopes"
    NETWORKS = "networks"
    LOST = "lost"


_ID = re.compile(r"[0-9a-f]{32}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_SCOPE = re.compile(r"(?=.{1,200}$)[a-z.]+(/[a-z0-9_.-]+)*")
_LEGAL_BASIS = re.compile(r"([a-z]{2,8}-)?[0-9]{1,3}(-[0-9]{1,2})?(-[a-z])?")
_NOTICE = re.compile(r"[0-9a-z-]{1,20}(\.[a-z]{2}(-[a-z]{2})?)?\.[0-9a-f]{64}")
_TABLE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")


@dataclass(frozen=True)
class EntryObject:
    """The row an act is about: where it is, and a commitment to what it then held.

    row: a keyed reference to its primary key, 32 hex digits.
    commit: keyed commitment to its sealed bytes, 64 hex digits; None where nothing is left.
    """

    table: str
    row: str
    version: int
    commit: str | None = None

    def __post_init__(self) -> None:
        _require(_TABLE, self.table, "object.table")
        _require(_ID, self.row, "object.row")
        _require_count(self.version, "object.version")
        _require_if_given(_DIGEST, self.commit, "object.commit")


@dataclass(frozen=True)
class Entry:
    """One act.

    id: random, 32 hex digits.
    at: aware instant; kept in UTC to the millisecond.
    subject_ref: keyed reference to the data subject, 64 hex digits.
    scope: the consent scope, e.g. `score.compute/mastodon`.
    legal_basis: the article, e.g. `gdpr-6-1-a`.
    notice: version, language and SHA-256 of the words decided on, joined by full stops; of a points card
        its number and digest; of a log that was put back the size and root that were signed last.
    counts: closed names (`Count`) to whole numbers.
    """

    id: str
    at: datetime
    action: Action
    actor: ActorRole
    outcome: Outcome = Outcome.DONE
    subject_ref: str | None = None
    scope: str | None = None
    legal_basis: str | None = None
    notice: str | None = None
    object: EntryObject | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    request_id: str | None = None
    v: int = VERSION

    def __post_init__(self) -> None:
        if type(self.v) is not int or self.v != VERSION:
            raise EntryInvalid("v")
        if self.at.tzinfo is None:
            raise EntryInvalid("at")
        at = self.at.astimezone(UTC)
        _set(self, "at", at.replace(microsecond=at.microsecond // 1000 * 1000))
        for name, kind in _CLOSED.items():
            _set(self, name, _of(kind, getattr(self, name), name))
        _require(_ID, self.id, "id")
        for name, pattern in _PATTERNS.items():
            _require_if_given(pattern, getattr(self, name), name)
        for count in self.counts.values():
            _require_count(count, "counts")
        counts = {str(_of(Count, name, "counts")): count for name, count in self.counts.items()}
        _set(self, "counts", MappingProxyType(counts))


_CLOSED: dict[str, type[StrEnum]] = {"action": Action, "actor": ActorRole, "outcome": Outcome}
_PATTERNS = {
    "subject_ref": _DIGEST,
    "scope": _SCOPE,
    "legal_basis": _LEGAL_BASIS,
    "notice": _NOTICE,
    "request_id": _ID,
}
_FIELDS = frozenset({"v", "id", "at", *_CLOSED, *_PATTERNS, "object", "counts"})
_OBJECT_FIELDS = frozenset({"table", "row", "version", "commit"})


def is_scope(text: object) -> bool:
    """Whether a text may stand as the scope of an entry."""
    return isinstance(text, str) and _SCOPE.fullmatch(text) is not None


def is_notice(text: object) -> bool:
    """Whether a text may stand as the words of an entry."""
    return isinstance(text, str) and _NOTICE.fullmatch(text) is not None


def canonical(entry: Entry) -> bytes:
    """The bytes that are stored, hashed and published.

    Source: RFC 8785.
    """
    record: dict[str, Any] = {name: getattr(entry, name) for name in ("v", "id", *_CLOSED)}
    record["at"] = entry.at.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
    record |= {name: value for name in _PATTERNS if (value := getattr(entry, name)) is not None}
    if entry.object is not None:
        record["object"] = {name: value for name, value in vars(entry.object).items() if value is not None}
    if entry.counts:
        record["counts"] = dict(entry.counts)
    return json.dumps(record, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def parse(data: bytes) -> Entry:
    """The entry of its canonical bytes, and of no others: `canonical(parse(data)) == data`.

    Raises:
        EntryInvalid: too long, not JSON, an unknown field, a wrong type or value, another spelling.
    """
    if len(data) > ENTRY_BYTES:
        raise EntryInvalid("length")
    try:
        record = json.loads(data.decode("ascii"), parse_float=_refuse, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise EntryInvalid("form") from None
    if not isinstance(record, dict) or not record.keys() <= _FIELDS:
        raise EntryInvalid("form")
    entry = _entry(record)
    if canonical(entry) != data:  # order, spaces, escapes, a name twice, an explicit null or nothing
        raise EntryInvalid("form")
    return entry


def _entry(record: dict[str, Any]) -> Entry:
    at, about, counts = record.get("at"), record.get("object"), record.get("counts", {})
    if not isinstance(counts, dict):
        raise EntryInvalid("counts")
    if about is not None and not (isinstance(about, dict) and about.keys() <= _OBJECT_FIELDS):
        raise EntryInvalid("object")
    _require(_INSTANT, at, "at")
    try:
        return Entry(
            **{
                **record,
                "at": datetime.fromisoformat(str(at)),
                "object": None if about is None else EntryObject(**about),
                "counts": counts,
            }
        )
    except (ValueError, TypeError):  # no such day; a field that every entry has is absent
        raise EntryInvalid("form") from None


def _set(entry: Entry, name: str, value: object) -> None:
    object.__setattr__(entry, name, value)


def _of(kind: type[StrEnum], value: object, name: str) -> StrEnum:
    try:
        return kind(value if isinstance(value, str) else "")
    except ValueError:
        raise EntryInvalid(name) from None


def _require(pattern: re.Pattern[str], value: object, name: str) -> None:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise EntryInvalid(name)


def _require_if_given(pattern: re.Pattern[str], value: object, name: str) -> None:
    if value is not None:
        _require(pattern, value, name)


def _require_count(value: object, name: str) -> None:
    if type(value) is not int or not 0 <= value < COUNT_LIMIT:
        raise EntryInvalid(name)


def _refuse(_: str) -> NoReturn:
    raise EntryInvalid("form")
