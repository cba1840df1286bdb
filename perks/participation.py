"""`Participation`: one person's part in one offer, and every step it took; `advance` is the only way on.

    the person locked -> the row locked -> overlays, table and role asked -> state, step and log entry

So a step and what it rests on land together, and two steps at once come one after the other: the second
meets the state the first left. A refused one changes nothing and is in the log (`perk.refused`), although
its own transaction is undone. What is sealed for a participation lies in other tables; here are only states
and instants.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from audit.entry import Action, ActorRole
from audit.log import Row, append
from consent.limits import limits_in_force
from consent.purpose import Purpose, Scope
from consent.recipient import Recipient, RecipientNotReady, require_ready, require_recipient
from consent.record import find_in_force
from perks.life import CLOSED, SHARING, Event, Overlay, State, StepIllegal, follow
from perks.offer import Offer
from perks.webhook import WebhookEvent, tell_of_person
from vault.base import Base, by_value
from vault.desk import Denial, Vault
from vault.errors import DomainError
from vault.holding import Fate, Holding, Term
from vault.subject import Subject, lock_subject

MATCH = Scope(Purpose.PERK_MATCH)
FORGOTTEN_AFTER = timedelta(days=90)  # what came to nothing
CLAIMS_YEARS = 3  # what was received may be asked about until the end of the third year after it
_ACTIONS = {
    Event.OPT_IN: Action.PERK_OPTED_IN,
    Event.FIND_ELIGIBLE: Action.PERK_JUDGED,
    Event.FIND_INELIGIBLE: Action.PERK_JUDGED,
    Event.REVIEW_ADMITS: Action.PERK_REVIEWED,
    Event.REVIEW_CONFIRMS: Action.PERK_REVIEWED,
    Event.CLAIM: Action.PERK_CLAIMED,
    Event.SUBMIT_POST: Action.PERK_POSTED,
    Event.LABEL_OK: Action.PERK_LABEL_CHECKED,
    Event.LABEL_LACKS: Action.PERK_LABEL_CHECKED,
    Event.LAPSE: Action.PERK_LAPSED,
    Event.WITHDRAW: Action.PERK_WITHDRAWN,
}
_TOLD = {
    Event.SUBMIT_POST: WebhookEvent.POST_SUBMITTED,
    Event.LABEL_OK: WebhookEvent.LABEL_CHECKED,
    Event.LABEL_LACKS: WebhookEvent.LABEL_CHECKED,
    Event.WITHDRAW: WebhookEvent.WITHDRAWN,
}
_BY_CONTRACT = frozenset(
    {
        Event.CLAIM,
        Event.POST_FALLS_DUE,
        Event.FINISH,
        Event.SUBMIT_POST,
        Event.LABEL_OK,
        Event.LABEL_LACKS,
        Event.MISS,
    }
)


class ParticipationUnknown(DomainError):
    """There is no such participation, or it is another person's: the same for both."""

    slug = "participation-unknown"
    title = "No such participation"

    def __init__(self) -> None:
        super().__init__("There is no such participation.")


class OfferTaken(DomainError):
    """Somebody claimed this offer before; it is given once to each person."""

    slug = "offer-taken"
    title = "Claimed before"

    def __init__(self) -> None:
        super().__init__("This offer was claimed before, and is given once.")


class Participation(Base):
    """One person's part in one offer, as it stands."""

    __tablename__ = "participation"
    __table_args__ = (UniqueConstraint("subject_id", "offer_id"),)
    __holding__ = Holding(
        what="Your part in an offer: how it stands, since when, and until when something is expected",
        purpose="perk.match",
        basis="gdpr-6-1-b",
        retained="three years after the year of the claim, otherwise 90 days after it ended",
        ends=(Term("ends_at"),),
        source="the person, and the steps that followed",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={
            "offer_id": "which offer",
            "about": "the brand and the offer, as a consent names them",
            "state": "how it stands",
            "opted_in_at": "when you said that you want it",
            "moved_at": "when the last step was",
            "claimed_at": "when you claimed it",
            "due_at": "until when a post is expected, or mended",
            "reminded_at": "when you were reminded of that",
            "grant_number": "the number of the consent that the present values rest on",
            "handed_number": "the number of the consent under which the brand read last",
            "handed_at": "when the brand read last",
            "ends_at": "when this row is deleted",
        },
        copied_to="perks/participations.jsonl",
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id))
    offer_id: Mapped[UUID] = mapped_column(ForeignKey(Offer.id), index=True)
    about: Mapped[str] = mapped_column(String(200))  # <brand>/<perk>
    state: Mapped[State] = mapped_column(by_value(State), index=True)
    number: Mapped[int]  # of its last step
    opted_in_at: Mapped[datetime]
    moved_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    grant_number: Mapped[int | None]
    handed_number: Mapped[int | None]
    handed_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]

    @property
    def share_scope(self) -> Scope:
        """Under which the brand may read."""
        return Scope(Purpose.BRAND_SHARE, self.about)

    @property
    def deliver_scope(self) -> Scope:
        """Under which what was claimed is delivered."""
        return Scope(Purpose.PERK_DELIVER, self.about)

    @property
    def brand(self) -> str:
        """The short name of the brand."""
        return self.about.partition("/")[0]


class ParticipationStep(Base):
    """One step of a participation; inserted, never updated."""

    __tablename__ = "participation_step"
    __holding__ = Holding(
        what="Every step of your part in an offer: what happened, when, and in which role it was caused",
        purpose="perk.match",
        basis="gdpr-6-1-b",
        retained="as long as the participation",
        source="the person, and the steps that followed",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={
            "participation_id": "which participation",
            "event": "what happened",
            "state": "where it led",
            "role": "in which role it was caused",
            "at": "when",
        },
        copied_to="perks/steps.jsonl",
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), index=True)
    participation_id: Mapped[UUID] = mapped_column(
        ForeignKey(Participation.id, ondelete="CASCADE"), index=True
    )
    number: Mapped[int]
    event: Mapped[Event] = mapped_column(by_value(Event))
    state: Mapped[State] = mapped_column(by_value(State))
    role: Mapped[ActorRole] = mapped_column(by_value(ActorRole))
    at: Mapped[datetime]


def about_offer(brand: str, offer_id: UUID) -> str:
    """What the scopes of one brand's offer are about: <brand>/<perk>."""
    return f"{brand}/{offer_id}"


def opt_in(vault: Vault, subject_id: UUID, brand: str, offer_id: UUID) -> Participation:
    """Begin a participation, or begin it again after a withdrawal.

    Whether the person may be matched at all, and whether the offer is open, is asked before (matching.py).

    Raises:
        StepIllegal: it is under way, or over. OfferTaken: something was claimed before.
    """
    lock_subject(vault, subject_id)
    known = find_participation(vault, subject_id, offer_id)
    if known is not None:
        if known.claimed_at is not None and known.state is State.WITHDRAWN:
            raise OfferTaken
        return advance(vault, known, Event.OPT_IN)
    made = Participation(
        id=uuid4(),
        subject_id=subject_id,
        offer_id=offer_id,
        about=about_offer(brand, offer_id),
        opted_in_at=vault.now(),
        number=0,
    )
    made.state = _followed(vault, made, None, Event.OPT_IN)
    vault.session.add(made)
    return _record(vault, made, Event.OPT_IN)


def advance(vault: Vault, participation: Participation, event: Event) -> Participation:
    """Take one step, or refuse it.

    Raises:
        StepIllegal: not from this state, not by this role, or something stands over it.
        SubjectUnknown, ParticipationUnknown: erased meanwhile.
    """
    locked = lock_participation(vault, participation)
    before, locked.state = locked.state, _followed(vault, locked, locked.state, event)
    if before in SHARING and event in _TOLD:
        tell_brand(vault, locked, _TOLD[event])
    return _record(vault, locked, event)


def tell_brand(vault: Vault, participation: Participation, event: WebhookEvent) -> None:
    """Have a brand told of a step, by pseudonym: only about who agreed to share, and while that is so.

    That a consent ended is told to whoever could read under it; what comes after that, to nobody.
    """
    agreed = participation.grant_number is not None
    in_force = find_in_force(vault, participation.subject_id, participation.share_scope) is not None
    if agreed and (in_force or event is WebhookEvent.WITHDRAWN):
        tell_of_person(vault, event, participation.brand, participation.subject_id, participation.offer_id)


def lock_participation(vault: Vault, participation: Participation) -> Participation:
    """The row as it stands now, held until this transaction ends; the person first, as everywhere.

    Raises:
        SubjectUnknown, ParticipationUnknown: erased meanwhile.
    """
    vault.flush()
    lock_subject(vault, participation.subject_id)
    statement = (
        select(Participation)
        .where(Participation.id == participation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    locked = vault.session.scalar(statement)
    if locked is None:
        raise ParticipationUnknown
    return locked


def find_participation(vault: Vault, subject_id: UUID, offer_id: UUID) -> Participation | None:
    """A person's part in an offer, if there is one."""
    statement = select(Participation).where(
        Participation.subject_id == subject_id, Participation.offer_id == offer_id
    )
    return vault.session.scalar(statement)


def require_participation(vault: Vault, subject_id: UUID, offer_id: UUID) -> Participation:
    """A person's part in an offer.

    Raises:
        ParticipationUnknown: there is none.
    """
    found = find_participation(vault, subject_id, offer_id)
    if found is None:
        raise ParticipationUnknown
    return found


def require_of_brand(vault: Vault, recipient: Recipient, participation_id: UUID) -> Participation:
    """A participation in an offer of this very brand.

    Raises:
        ParticipationUnknown: none, or of another brand's offer: the same for both.
    """
    found = vault.session.get(Participation, participation_id)
    if found is None or found.brand != recipient.slug:
        raise ParticipationUnknown
    return found


def participations_of(vault: Vault, subject_id: UUID) -> Sequence[Participation]:
    """Everything a person takes or took part in, the newest first."""
    statement = (
        select(Participation)
        .where(Participation.subject_id == subject_id)
        .order_by(Participation.opted_in_at.desc(), Participation.id)
    )
    return vault.session.scalars(statement).all()


def steps_of(vault: Vault, participation: Participation) -> Sequence[ParticipationStep]:
    """Every step of one, the first first."""
    statement = (
        select(ParticipationStep)
        .where(ParticipationStep.participation_id == participation.id)
        .order_by(ParticipationStep.number)
    )
    return vault.session.scalars(statement).all()


def taken(vault: Vault, offer_id: UUID) -> int:
    """How many people have claimed an offer; withdrawals included, since what was given stays given."""
    statement = select(func.count(Participation.id)).where(
        Participation.offer_id == offer_id, Participation.claimed_at.is_not(None)
    )
    return vault.session.scalar(statement) or 0


def overlays(vault: Vault, participation: Participation) -> frozenset[Overlay]:
    """What stands over a participation now."""
    standing = set()
    scopes = (MATCH, participation.share_scope, participation.deliver_scope)
    limits = limits_in_force(vault, participation.subject_id)
    if any(limit.covers(scope) for limit in limits for scope in scopes):
        standing.add(Overlay.FROZEN)
    try:
        require_ready(require_recipient(vault, participation.brand))
    except RecipientNotReady:
        standing.add(Overlay.REVOKED)
    return frozenset(standing)


def _followed(vault: Vault, made: Participation, state: State | None, event: Event) -> State:
    try:
        return follow(state, event, ActorRole(vault.actor), overlays(vault, made))
    except StepIllegal as refused:
        scope = str(_scope_of(made, event, state))
        vault.denials.append(Denial(made.subject_id, scope, refused.slug, Action.PERK_REFUSED.value))
        raise


def _record(vault: Vault, made: Participation, event: Event) -> Participation:
    now = vault.now()
    made.number, made.moved_at = made.number + 1, now
    if event is Event.OPT_IN:
        made.opted_in_at = now
    if event is Event.CLAIM:
        made.claimed_at = now
    made.ends_at = _end(made, now)
    vault.flush()
    vault.session.add(
        ParticipationStep(
            id=uuid4(),
            subject_id=made.subject_id,
            participation_id=made.id,
            number=made.number,
            event=event,
            state=made.state,
            role=ActorRole(vault.actor),
            at=now,
        )
    )
    scope = _scope_of(made, event, made.state)
    append(
        vault,
        _ACTIONS.get(event, Action.PERK_MOVED),
        subject_id=made.subject_id,
        scope=str(scope),
        basis=str(scope.rule.basis),
        row=Row(Participation.__tablename__, made.id, made.number),
    )
    return made


def _end(made: Participation, now: datetime) -> datetime | None:
    """When the row of an ended participation goes; one that is under way stays."""
    if made.state not in CLOSED and made.state is not State.POST_MISSED:
        return None
    if made.claimed_at is None:
        return now + FORGOTTEN_AFTER
    return datetime(made.claimed_at.year + CLAIMS_YEARS + 1, 1, 1, tzinfo=made.claimed_at.tzinfo)


def _scope_of(made: Participation, event: Event, state: State | None) -> Scope:
    """Under which scope a step stands in the log."""
    if event in _BY_CONTRACT:
        return made.deliver_scope
    if event in (Event.CONSENT, Event.DISCLOSE) or state in SHARING:
        return made.share_scope
    return MATCH
