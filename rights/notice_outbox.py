"""The outbox of notices: which are due, how long they rest, what was answered, and what staff do by hand.

    due ─▶ attempt counted, next one put off ─▶ sent (app/noticing.py) ─▶ answer or failure noted

What a notice says, and when one is queued: notice.py.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select

from audit.entry import Action
from audit.log import append
from consent.recipient import Recipient
from rights.notice import Answer, ByHand, NoticeKind, NoticeState, RecipientNotice
from vault.desk import Vault
from vault.errors import DomainError

FIRST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(hours=12)
KEPT = timedelta(days=730)  # what a recipient answered about somebody who still has an account
AT_ONCE = 200  # how many are looked at in one round
FINAL = frozenset({Answer.COMPLETED, Answer.CANCELLED})


class NoticeGone(DomainError):
    """No such notice, not its token, or acknowledged already."""

    slug = "notice-gone"
    title = "Notice is not open"

    def __init__(self) -> None:
        super().__init__("There is no open notice with this token.")


def find_due(vault: Vault) -> Sequence[tuple[UUID, UUID]]:
    """The notices to send now, each with its recipient, the longest due first."""
    statement = (
        select(RecipientNotice.id, RecipientNotice.recipient_id)
        .where(RecipientNotice.acknowledged_at.is_(None), RecipientNotice.due_at <= vault.now())
        .order_by(RecipientNotice.due_at, RecipientNotice.id)
        .limit(AT_ONCE)
    )
    return [(notice_id, recipient_id) for notice_id, recipient_id in vault.session.execute(statement)]


def begin_attempt(vault: Vault, notice_id: UUID) -> tuple[RecipientNotice, Recipient] | None:
    """Count an attempt and put the next one off, before anything is sent; None if there is no need any more.

    Rests grow from a minute to half a day, so two workers never send the same notice at the same time, and
    one that was killed while sending leaves a notice that is sent again.
    """
    notice = _find_open(vault, notice_id)
    if notice is None or notice.due_at > vault.now():
        return None
    notice.due_at = vault.now() + min(FIRST_REST * 2 ** min(notice.attempts, 12), LONGEST_REST)
    notice.attempts += 1
    recipient = vault.session.get(Recipient, notice.recipient_id)
    return (notice, recipient) if recipient is not None else None


def note_taken(vault: Vault, notice_id: UUID, answer: Answer) -> None:
    """Note what a recipient answered; a final answer ends the notice, any other lets it be asked again.

    Raises:
        NoticeGone: acknowledged already, or never there.
    """
    notice = _require_open(vault, notice_id)
    _note_sent(vault, notice)
    notice.answer, notice.last_failure = answer, None
    if answer in FINAL:
        _close(vault, notice)
    elif notice.state is NoticeState.PENDING:
        notice.state = NoticeState.SENT


def note_failure(vault: Vault, notice_id: UUID, failure: str) -> None:
    """Note why an attempt had no answer, as a closed word; one acknowledged meanwhile stays as it is."""
    notice = _find_open(vault, notice_id)
    if notice is not None:
        notice.last_failure = failure


def confirm_by_hand(vault: Vault, notice_id: UUID, how: ByHand) -> None:
    """Close a notice that staff know to be carried out, or that nobody is left to carry out.

    Raises:
        NoticeGone: acknowledged already, or never there.
    """
    notice = _require_open(vault, notice_id)
    notice.by_hand, notice.confirmed_by = how, vault.alias
    if how is not ByHand.NOT_THERE:
        notice.answer = Answer.COMPLETED
    _close(vault, notice)


def send_again(vault: Vault, notice_id: UUID) -> None:
    """Have a notice sent with the next round, however long it was to rest.

    Raises:
        NoticeGone: acknowledged already, or never there.
    """
    _require_open(vault, notice_id).due_at = vault.now()


def escalate(vault: Vault, after: timedelta) -> int:
    """Put notices that nobody acknowledged in time before the staff; returns how many are new there."""
    statement = select(RecipientNotice).where(
        RecipientNotice.created_at <= vault.now() - after,
        or_(RecipientNotice.state == NoticeState.PENDING, RecipientNotice.state == NoticeState.SENT),
    )
    late = vault.session.scalars(statement).all()
    for notice in late:
        notice.state = NoticeState.ESCALATED
        append(vault, Action.NOTICE_ESCALATED, scope=_scope(notice), basis="gdpr-19")
    return len(late)


def open_notices(vault: Vault, recipient_id: UUID) -> Sequence[RecipientNotice]:
    """What one recipient has still to carry out, the longest waiting first."""
    statement = (
        select(RecipientNotice)
        .where(RecipientNotice.recipient_id == recipient_id, RecipientNotice.acknowledged_at.is_(None))
        .order_by(RecipientNotice.created_at, RecipientNotice.id)
    )
    return vault.session.scalars(statement).all()


def note_answer(vault: Vault, recipient_id: UUID, notice_id: UUID, answer: Answer) -> None:
    """Note what a recipient that is signed in here says about a notice of its own.

    Raises:
        NoticeGone: acknowledged already, another recipient's, or never there.
    """
    if _require_open(vault, notice_id).recipient_id != recipient_id:
        raise NoticeGone
    note_taken(vault, notice_id, answer)


def escalated(vault: Vault) -> Sequence[tuple[RecipientNotice, Recipient]]:
    """What staff have to look after, oldest first."""
    statement = (
        select(RecipientNotice, Recipient)
        .join(Recipient)
        .where(RecipientNotice.state == NoticeState.ESCALATED)
        .order_by(RecipientNotice.created_at)
    )
    return [(notice, recipient) for notice, recipient in vault.session.execute(statement)]


def find_escalated(vault: Vault, notice_id: UUID) -> tuple[RecipientNotice, Recipient] | None:
    """One of them."""
    return next((found for found in escalated(vault) if found[0].id == notice_id), None)


def _scope(notice: RecipientNotice) -> str:
    return f"notice/{notice.kind}"


def _find_open(vault: Vault, notice_id: UUID) -> RecipientNotice | None:
    statement = select(RecipientNotice).where(RecipientNotice.id == notice_id).with_for_update()
    notice = vault.session.scalar(statement)
    return notice if notice is not None and notice.acknowledged_at is None else None


def _require_open(vault: Vault, notice_id: UUID) -> RecipientNotice:
    notice = _find_open(vault, notice_id)
    if notice is None:
        raise NoticeGone
    return notice


def _note_sent(vault: Vault, notice: RecipientNotice) -> None:
    if notice.sent_at is None:
        notice.sent_at = vault.now()
        append(vault, Action.NOTICE_SENT, scope=_scope(notice), basis="gdpr-19")


def _close(vault: Vault, notice: RecipientNotice) -> None:
    notice.state, notice.acknowledged_at = NoticeState.ACKNOWLEDGED, vault.now()
    is_of_an_account = notice.kind is NoticeKind.ERASURE and notice.about is None  # which is gone too
    notice.ends_at = vault.now() + (timedelta() if is_of_an_account else KEPT)
    append(vault, Action.NOTICE_ACKNOWLEDGED, scope=_scope(notice), basis="gdpr-19")
