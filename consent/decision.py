"""Deciding: a person gives, refuses and withdraws; the clock ends a consent, and staff may only end one.

    given        by the person in their own session and by nobody else; to be mailed to: with a link besides
    requested    such a yes before the link is followed (confirmation.py); it changes nothing
    refused      a no, remembered so that nobody asks again; it changes nothing that is in force
    withdrawn    by the person; expired: by its term; revoked, invalidated: by staff, with a reason

Every end is a withdrawal for the data: what rested on the scope is deleted with the record of the decision,
and its key is destroyed right after the commit. Silence is never a decision.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from audit.entry import Action, ActorRole, parse
from audit.log import append
from consent.confirmation import Confirmed
from consent.disclosure import cover_fields
from consent.errors import (
    ConfirmationMissing,
    ConsentChanged,
    ConsentMissing,
    GrantNotTheirs,
    NoticeUnknown,
    SignalHeeded,
    TooYoung,
)
from consent.gate import require_permit
from consent.notice import Notice
from consent.purpose import ACCOUNT, Purpose, Scope
from consent.record import (
    ConsentRecord,
    Decision,
    EndReason,
    Surface,
    expiring,
    find_in_force,
    find_latest,
)
from consent.register import PUBLISHED, Notices
from consent.signal import heard_since
from vault.desk import Vault
from vault.destruction import carry_out, order_destruction
from vault.holdings import delete_rows_resting_on
from vault.subject import AgeBand, lock_subject, read_account, require_subject

ADULT_FROM = 18
EndingDecision = Literal[Decision.REVOKED, Decision.INVALIDATED]
_ACTIONS = {decision: Action(f"consent.{decision.value}") for decision in Decision}


@dataclass(frozen=True)
class _Words:
    """What a record keeps of the words a decision is about."""

    version: str
    language: str
    sha256: str


def give(
    vault: Vault,
    subject_id: UUID,
    notice: Notice,
    *,
    seen: int | None = None,
    surface: Surface = Surface.PAGE,
    until: datetime | None = None,
    despite_signal: bool = False,
    confirmed: Confirmed | None = None,
    notices: Notices = PUBLISHED,
) -> ConsentRecord:
    """Record that a data subject consents to the scope of the notice they were shown; anew: a renewal.

    Args:
        seen: the number of the last decision the person saw (0 for none), or None not to ask.
        until: an earlier end than the term of the purpose, such as the end of a perk.
        despite_signal: said where it stood that a browser of theirs asks not to share.
        confirmed: that the link in the mail was followed, where the purpose asks for it.

    Raises:
        SubjectUnknown, ConsentChanged, NoticeUnknown: see their own words.
        GrantNotTheirs: anybody but the person acts in this transaction.
        SignalHeeded: a browser of theirs asks not to share, and they did not say “all the same”.
        ConfirmationMissing: the purpose is confirmed by mail, and this was not.
        TooYoung: the purpose is for adults, and the account does not say that this is one.

    Source: GDPR Art. 4(11), 6(1)(a), 7(1).
    """
    is_asked = _require_may(vault, subject_id, notice, notices, despite_signal)
    if notice.scope.rule.confirmed_by_mail:
        _require_confirmed(confirmed, subject_id, notice.scope)
    # An order left by a crash must not hit the key this consent will get: carried out first, it cannot.
    carry_out(vault, subject_id)
    lasts = notice.scope.rule.lasts
    ends = [until] if until is not None else []
    ends += [vault.now() + lasts] if lasts is not None else []
    record = _record(vault, subject_id, notice.scope, Decision.GIVEN, _words(notice), seen=seen)
    record.surface, record.expires_at = surface, min(ends, default=None)
    record.despite_signal = is_asked
    if notice.scope.purpose is Purpose.BRAND_SHARE:
        vault.flush()
        cover_fields(vault, record, notice.chosen, notice.perk)
    return record


def request(
    vault: Vault,
    subject_id: UUID,
    notice: Notice,
    *,
    seen: int | None = None,
    surface: Surface = Surface.PAGE,
    despite_signal: bool = False,
    notices: Notices = PUBLISHED,
) -> ConsentRecord:
    """Record a yes that counts only once confirmed by mail; what is in force goes on as it was.

    Raises:
        As `give`, but for the confirmation, which is what this asks for.

    Source: ePrivacy Directive Art. 13(1); UWG section 7(2).
    """
    is_asked = _require_may(vault, subject_id, notice, notices, despite_signal)
    record = _record(vault, subject_id, notice.scope, Decision.REQUESTED, _words(notice), seen=seen)
    record.surface, record.despite_signal = surface, is_asked
    return record


def refuse(
    vault: Vault,
    subject_id: UUID,
    notice: Notice,
    *,
    seen: int | None = None,
    surface: Surface = Surface.PAGE,
    notices: Notices = PUBLISHED,
) -> ConsentRecord:
    """Record a no, to the whole or to what is new in a notice; what is in force goes on as it was.

    Raises:
        SubjectUnknown, ConsentChanged, NoticeUnknown, GrantNotTheirs: see their own words. `ConsentChanged`
            also where a consent to these very words is in force: that is withdrawn and not refused.

    Source: GDPR Art. 5(2), 7(4).
    """
    _require_their_own(vault)
    lock_subject(vault, subject_id)
    _require_present(notice, notices)
    given = find_in_force(vault, subject_id, notice.scope)
    if given is not None and not is_reconsent_required(notices, given):
        raise ConsentChanged
    record = _record(vault, subject_id, notice.scope, Decision.REFUSED, _words(notice), seen=seen)
    record.surface = surface
    return record


def withdraw(
    vault: Vault,
    subject_id: UUID,
    notice: Notice,
    *,
    seen: int | None = None,
    surface: Surface = Surface.PAGE,
) -> ConsentRecord:
    """Record that a data subject withdraws consent, and make what rested on it unreadable.

    Raises:
        ConsentMissing: no consent is in force for the scope.
        SubjectUnknown, ConsentChanged: see their own words.

    Source: GDPR Art. 7(3), 17(1)(b).
    """
    lock_subject(vault, subject_id)
    if find_in_force(vault, subject_id, notice.scope) is None:
        raise ConsentMissing(notice.scope)
    record = _record(vault, subject_id, notice.scope, Decision.WITHDRAWN, _words(notice), seen=seen)
    record.surface = surface
    _forget(vault, subject_id, notice.scope)
    return record


def expire(vault: Vault) -> list[UUID]:
    """End every consent whose term is over, as a withdrawal would; returns whose they were.

    The gate refuses from the very instant; this makes what is left of it go.

    Source: GDPR Art. 5(1)(e).
    """
    ended = []
    for given in expiring(vault, vault.now()):
        lock_subject(vault, given.subject_id)
        _record(vault, given.subject_id, given.scope, Decision.EXPIRED, _words_of(given))
        _forget(vault, given.subject_id, given.scope)
        ended.append(given.subject_id)
    return ended


def end_for_them(
    vault: Vault,
    subject_id: UUID,
    scope: Scope,
    decision: EndingDecision,
    reason: EndReason,
) -> ConsentRecord:
    """End a consent in somebody's stead: revoked from now on, or invalidated because it never was one.

    This is all that anybody but the person can do about a consent.

    Raises:
        ConsentMissing: none is in force for the scope. SubjectUnknown: erased, or never there.

    Source: GDPR Art. 5(1)(a), 7.
    """
    lock_subject(vault, subject_id)
    given = find_in_force(vault, subject_id, scope)
    if given is None:
        raise ConsentMissing(scope)
    record = _record(vault, subject_id, scope, decision, _words_of(given))
    record.reason, record.alias = reason, vault.alias
    record.surface = Surface.STAFF if vault.alias is not None else Surface.NONE
    _forget(vault, subject_id, scope)
    return record


def is_reconsent_required(notices: Notices, given: ConsentRecord) -> bool:
    """Whether a newer notice asks for more than this consent covers."""
    return any(version.is_material for version in notices.since(given.purpose, given.notice_version))


def _require_their_own(vault: Vault) -> None:
    if vault.actor != ActorRole.SUBJECT:
        raise GrantNotTheirs


def _require_present(notice: Notice, notices: Notices) -> None:
    if notice.version != notices.find(notice.scope.purpose).version:
        raise NoticeUnknown


def _require_may(
    vault: Vault, subject_id: UUID, notice: Notice, notices: Notices, despite_signal: bool
) -> bool:
    """Refuse a yes that cannot count; returns whether it is said in view of a browser's signal."""
    _require_their_own(vault)
    lock_subject(vault, subject_id)
    _require_present(notice, notices)
    if notice.scope.rule.adults_only:
        _require_adult(vault, subject_id)
    is_asked = notice.scope.rule.heeds_signal and heard_since(vault, subject_id) is not None
    if is_asked and not despite_signal:
        raise SignalHeeded(notice.scope)
    return is_asked


def _require_confirmed(confirmed: Confirmed | None, subject_id: UUID, scope: Scope) -> None:
    wished = confirmed.record if confirmed is not None else None
    if wished is None or (wished.subject_id, wished.scope) != (subject_id, scope):
        raise ConfirmationMissing(scope)


def _require_adult(vault: Vault, subject_id: UUID) -> None:
    permit = require_permit(vault, subject_id, ACCOUNT)
    account = read_account(vault, permit, require_subject(vault, subject_id))
    if account.age_band is not AgeBand.ADULT:
        raise TooYoung(ADULT_FROM)


def _forget(vault: Vault, subject_id: UUID, scope: Scope) -> None:
    vault.ended.append((subject_id, str(scope)))
    delete_rows_resting_on(vault, subject_id, str(scope))
    order_destruction(vault, subject_id, str(scope))


def _words(notice: Notice) -> _Words:
    return _Words(notice.version, notice.language, notice.sha256)


def _words_of(given: ConsentRecord) -> _Words:
    return _Words(given.notice_version, given.notice_language, given.notice_sha256)


def _record(
    vault: Vault,
    subject_id: UUID,
    scope: Scope,
    decision: Decision,
    words: _Words,
    *,
    seen: int | None = None,
) -> ConsentRecord:
    latest = find_latest(vault, subject_id, scope)
    last = latest.number if latest is not None else 0
    if seen is not None and seen != last:
        raise ConsentChanged
    entry = append(
        vault,
        _ACTIONS[decision],
        subject_id=subject_id,
        scope=str(scope),
        basis=str(scope.rule.basis),
        notice=f"{words.version}.{words.language}.{words.sha256}",
    )
    record = ConsentRecord(
        id=uuid4(),
        subject_id=subject_id,
        purpose=scope.purpose,
        about=scope.about,
        number=last + 1,
        decision=decision,
        notice_version=words.version,
        notice_language=words.language,
        notice_sha256=words.sha256,
        surface=Surface.NONE,
        despite_signal=False,
        decided_at=vault.now(),
        log_entry_id=parse(entry).id,
    )
    vault.session.add(record)
    vault.checkpoint_wanted = True
    return record
