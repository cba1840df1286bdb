"""Objection: processing stops first and is weighed afterwards (GDPR Art. 21).

    what rests on a legitimate interest   counts over at least ten people
    the score, or everything              on grounds of the person's own situation
    advertising                           absolutely: nobody weighs it, and it is never overridden

Overridden only with compelling grounds in writing, by one member of staff and confirmed by another; its
person gets the letter that every refusal is (Art. 12(4)).
"""

from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID

from consent.controller import Authority
from consent.limits import Ground, LimitKind, ProcessingLimit, lift, limit, standing_limits
from consent.purpose import Purpose
from rights.answering import confirm_refusal, propose_refusal, reject_refusal
from rights.errors import ObjectionAbsolute, require_reasons
from rights.refusal import overriding
from rights.request import (
    Channel,
    RequestState,
    Right,
    RightsRequest,
    find_by_reference,
    move,
    open_request,
    say,
)
from vault.desk import Vault
from vault.subject import lock_subject


class About(StrEnum):
    """What a person objects to."""

    STATISTICS = "statistics"
    SCORE = "score"
    ADVERTISING = "advertising"
    EVERYTHING = "everything"


SCOPES: Mapping[About, tuple[str | None, ...]] = {
    About.STATISTICS: (Purpose.STATISTICS,),
    About.SCORE: (Purpose.SCORE_COMPUTE,),
    # Matching offers is profiling that is related to direct marketing (Art. 21(2)).
    About.ADVERTISING: (Purpose.MAIL_NEWS, Purpose.MAIL_PERKS, Purpose.PERK_MATCH),
    About.EVERYTHING: (None,),
}


def object_to(
    vault: Vault, subject_id: UUID, about: About, channel: Channel, statement: str = ""
) -> RightsRequest:
    """Stop processing at once; the request stays open until it was weighed.

    Objecting again to what stands still already changes nothing.

    Raises:
        SubjectUnknown: erased, or never there.

    Source: GDPR Art. 21(1) to (3).
    """
    lock_subject(vault, subject_id)
    if (known := find_objection(vault, subject_id, about)) is not None:
        return known
    request = open_request(vault, subject_id, Right.OBJECTION, channel, statement)
    for scope in SCOPES[about]:
        limit(vault, subject_id, LimitKind.OBJECTED, _ground(about), scope, request.reference)
    if about is About.ADVERTISING:
        move(vault, request, RequestState.FULFILLED)
    return request


def standing_objections(vault: Vault, subject_id: UUID) -> tuple[About, ...]:
    """What a person objected to and what still stands still."""
    return tuple(about for about in About if _limits(vault, subject_id, about))


def find_objection(vault: Vault, subject_id: UUID, about: About) -> RightsRequest | None:
    """The request a standing objection came with."""
    for made in _limits(vault, subject_id, about):
        return find_by_reference(vault, made.reference)
    return None


def end_objection(vault: Vault, subject_id: UUID, about: About) -> None:
    """Take an objection back, as its person; what is not there is not an error."""
    request = find_objection(vault, subject_id, about)
    for made in _limits(vault, subject_id, about):
        lift(vault, made)
    if request is not None and request.is_open:
        move(vault, request, RequestState.WITHDRAWN)


def uphold(vault: Vault, request: RightsRequest, reasons: str) -> None:
    """Find as staff that the objection holds: processing goes on standing still.

    Raises:
        ReasonsMissing: nothing was written.
    """
    reasons = require_reasons(reasons)
    if request.state is RequestState.REFUSAL_PROPOSED:
        reject_refusal(vault, request)
    say(vault, request, reasons)
    move(vault, request, RequestState.FULFILLED)


def propose_override(
    vault: Vault, request: RightsRequest, grounds: str, authority: Authority, language: str
) -> None:
    """Propose compelling grounds that outweigh the person's; nothing changes until another one agrees.

    Args:
        authority: whom the letter names; language: that of the person it is written to.

    Raises:
        ObjectionAbsolute: it is about advertising.
        ReasonsMissing: nothing was written.
        SecondPersonNeeded: nobody in particular proposes it.
        RefusalIncomplete: it is no objection.
    """
    grounds = require_reasons(grounds)
    if any(made.ground is Ground.DIRECT_MARKETING for made in limits_of_request(vault, request)):
        raise ObjectionAbsolute
    propose_refusal(vault, request, overriding(grounds, authority, language))


def confirm_override(vault: Vault, request: RightsRequest, language: str) -> None:
    """Agree, as a second person: the request is refused with its letter, and processing goes on.

    Raises:
        SecondPersonNeeded: whoever proposed it confirms it, or nobody in particular does.
        ReasonsMissing: nothing was proposed. RequestStateWrong: it is closed.
    """
    lock_subject(vault, request.subject_id)
    confirm_refusal(vault, request, language)
    for made in limits_of_request(vault, request):
        lift(vault, made)


def limits_of_request(vault: Vault, request: RightsRequest) -> tuple[ProcessingLimit, ...]:
    """What stands still because of one objection."""
    standing = standing_limits(vault, request.subject_id)
    return tuple(made for made in standing if made.reference == request.reference)


def _limits(vault: Vault, subject_id: UUID, about: About) -> tuple[ProcessingLimit, ...]:
    return tuple(
        made
        for made in standing_limits(vault, subject_id)
        if made.kind is LimitKind.OBJECTED and made.scope in SCOPES[about] and made.ground is _ground(about)
    )


def _ground(about: About) -> Ground:
    return Ground.DIRECT_MARKETING if about is About.ADVERTISING else Ground.OWN_SITUATION
