"""Human review of a no: somebody looks again at whether a person may take part (GDPR Art. 22(3)).

    not_eligible -> in_review -> eligible      the brand lets people in down to a score, or a reason was wrong
                             `-> confirmed_no  with reasons

A reviewer sees the finding and what the person wrote, and admits no further than the brand said or than
the reasons that were wrong. The score stays as it is; a wrong figure is corrected in rights/review.py.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from audit.entry import ActorRole
from perks.eligibility import Code
from perks.judgement import amend_judgement, find_judgement
from perks.life import Event, State
from perks.offer import PublishedOffer, find_published
from perks.participation import Participation, advance, lock_participation, require_participation
from vault.desk import Vault
from vault.errors import DomainError

MOST_SIGNS = 4000


class AdmissionBeyond(DomainError):
    """A reviewer would let somebody in further than the brand said, without a reason having been wrong."""

    slug = "admission-beyond"
    title = "Further than the offer allows"

    def __init__(self) -> None:
        super().__init__("The offer lets nobody in that far below its line; say which reason was wrong.")


class ReviewUnfit(DomainError):
    """A statement or an answer is missing or too long, or somebody else than a reviewer answers."""

    slug = "review-unfit"
    title = "Review cannot be taken like this"

    def __init__(self, what: str) -> None:
        super().__init__(f"This cannot be taken: {what}.", what=what)


@dataclass(frozen=True)
class OpenReview:
    """What a reviewer looks at.

    content: the finding as JSON; None where a consent it rests on has ended, and nothing is left to look at.
    """

    participation: Participation
    offer: PublishedOffer
    content: dict[str, Any] | None


def ask_review(vault: Vault, subject_id: UUID, offer_id: UUID, statement: str) -> Participation:
    """Ask that a human looks at a no; the statement may be left empty.

    Raises:
        ParticipationUnknown, StepIllegal: there is no no to look at. ReviewUnfit: the statement is too long.
    """
    if len(statement) > MOST_SIGNS:
        raise ReviewUnfit("length")
    participation = require_participation(vault, subject_id, offer_id)
    moved = advance(vault, participation, Event.ASK_REVIEW)
    _keep(vault, moved, {"statement": statement.strip(), "is_admitted": False})
    return moved


def waiting(vault: Vault) -> Sequence[Participation]:
    """Everything that waits for a reviewer, the longest first; opened one by one."""
    statement = (
        select(Participation)
        .where(Participation.state == State.IN_REVIEW)
        .order_by(Participation.moved_at, Participation.id)
    )
    return vault.session.scalars(statement).all()


def open_review(vault: Vault, participation: Participation) -> OpenReview:
    """What a reviewer sees of one; that they looked is noted for the person."""
    offer = find_published(vault, participation.offer_id)
    return OpenReview(participation, offer, find_judgement(vault, participation))


def admit(
    vault: Vault, participation: Participation, answer: str, wrong: Collection[Code] = ()
) -> Participation:
    """Let somebody in whom the figures left out.

    Args:
        wrong: the reasons that were wrong.

    Raises:
        AdmissionBeyond: a reason is left that the offer does not let a reviewer pass over.
        ReviewUnfit, StepIllegal: see their own words.
    """
    review = _require_open(vault, participation)
    if not may_admit(review, wrong):
        raise AdmissionBeyond
    moved = advance(vault, participation, Event.REVIEW_ADMITS)
    said = {"answer": _require_answer(answer), "is_admitted": True, "wrong": sorted(map(str, wrong))}
    _keep(vault, moved, said)
    return moved


def confirm(vault: Vault, participation: Participation, answer: str) -> Participation:
    """Confirm a no, with reasons for its person.

    Raises:
        ReviewUnfit, StepIllegal: see their own words.
    """
    _require_open(vault, participation)
    moved = advance(vault, participation, Event.REVIEW_CONFIRMS)
    _keep(vault, moved, {"answer": _require_answer(answer), "is_admitted": False})
    return moved


def may_admit(review: OpenReview, wrong: Collection[Code] = ()) -> bool:
    """Whether every reason is wrong, or a score that is not below what the brand lets in by hand."""
    if review.content is None:
        return False
    least = review.offer.terms.admits_down_to
    left = [one for one in review.content["reasons"] if Code(one["code"]) not in wrong]
    return all(one["code"] == Code.SCORE.value and least is not None and one["has"] >= least for one in left)


def _require_open(vault: Vault, participation: Participation) -> OpenReview:
    if vault.actor != ActorRole.REVIEWER:
        raise ReviewUnfit("role")
    return open_review(vault, lock_participation(vault, participation))


def _require_answer(answer: str) -> str:
    if not answer.strip():
        raise ReviewUnfit("reasons")
    if len(answer) > MOST_SIGNS:
        raise ReviewUnfit("length")
    return answer.strip()


def _keep(vault: Vault, participation: Participation, said: dict[str, Any]) -> None:
    if not amend_judgement(vault, participation, said):
        raise ReviewUnfit("nothing is left to look at")
