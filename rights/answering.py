"""How staff answer a request: a question, an answer part by part, a refusal by two people.

Nobody refuses alone, not even in part: one proposes, with every slot of the letter filled; another confirms.
Both stand in the log, each under a keyed reference to their alias.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from uuid import NAMESPACE_URL, uuid5

from audit.entry import Action
from audit.log import Row
from rights.clock import pause
from rights.errors import ReasonsMissing, RequestStateWrong, SecondPersonNeeded, require_reasons
from rights.refusal import Refusal, RefusalReason, letter
from rights.request import (
    Item,
    ItemOutcome,
    RequestState,
    RightsRequest,
    log_step,
    move,
    read_content,
    say,
    write_content,
)
from vault.desk import Vault


def take_up(vault: Vault, request: RightsRequest) -> None:
    """Say that somebody works on it.

    Raises:
        RequestStateWrong: it was taken up already, or is closed.
    """
    move(vault, request, RequestState.IN_PROGRESS)


def ask(vault: Vault, request: RightsRequest, question: str, *, is_about_identity: bool = False) -> None:
    """Ask the person something; the clock rests only where it is about who they are.

    Raises:
        ReasonsMissing: nothing was asked.
        IdentityKnown: who asked is known.
        RequestStateWrong: it waits already, or is closed.
    """
    question = require_reasons(question)
    if is_about_identity:
        pause(vault, request)
    else:
        move(vault, request, RequestState.WAITING)
    say(vault, request, question)


def answer(vault: Vault, request: RightsRequest, items: Sequence[Item], text: str) -> None:
    """Close a request with what became of each part of it.

    Raises:
        ReasonsMissing: no part, or no words.
        SecondPersonNeeded: a part is refused, which one person cannot do.
        RequestStateWrong: it waits for the person, or is closed.
    """
    text = require_reasons(text)
    if not items:
        raise ReasonsMissing
    outcomes = {item.outcome for item in items}
    if ItemOutcome.REFUSED in outcomes:
        raise SecondPersonNeeded
    is_whole = outcomes == {ItemOutcome.DONE}
    move(vault, request, RequestState.FULFILLED if is_whole else RequestState.PARTLY)
    say(vault, request, text)
    write_content(vault, request, replace(read_content(vault, request), items=tuple(items)))


def propose_refusal(vault: Vault, request: RightsRequest, refusal: Refusal) -> None:
    """Propose to refuse; nothing is refused by it.

    Raises:
        RefusalIncomplete: a slot of the letter is empty, or the reason is none for this right.
        RequestStateWrong: it waits for the person, or is closed.
    """
    refusal.require_complete(request.right)
    move(vault, request, RequestState.REFUSAL_PROPOSED)
    request.proposed_by, request.refusal_reason = _alias(vault), refusal.reason.value
    slots = {name: str(value) for name, value in asdict(refusal).items()}
    write_content(vault, request, replace(read_content(vault, request), refusal=slots))
    log_step(vault, Action.RIGHTS_REFUSAL_PROPOSED, request, row=_who(vault))


def find_refusal(vault: Vault, request: RightsRequest) -> Refusal | None:
    """The refusal as it was proposed."""
    slots = read_content(vault, request).refusal
    if slots is None:
        return None
    words = {name: slot for name, slot in slots.items() if name != "reason"}
    return Refusal(RefusalReason(slots["reason"]), **words)


def confirm_refusal(vault: Vault, request: RightsRequest, language: str) -> None:
    """Refuse, as a second person; where the rest was done, the request is fulfilled in part.

    Raises:
        SecondPersonNeeded: whoever proposed it confirms it.
        ReasonsMissing: nothing was proposed here.
        RequestStateWrong: no refusal is proposed.
    """
    refusal = find_refusal(vault, request)
    if refusal is None:
        raise ReasonsMissing
    if _alias(vault) == request.proposed_by:
        raise SecondPersonNeeded
    refusal.require_complete(request.right)
    was_done = bool(refusal.rest.strip())
    move(vault, request, RequestState.PARTLY if was_done else RequestState.REFUSED)
    log_step(vault, Action.RIGHTS_REFUSAL_CONFIRMED, request, row=_who(vault))
    say(vault, request, letter(refusal, request.right, request.received_at.date(), language))
    done = (Item(refusal.rest, ItemOutcome.DONE),) if was_done else ()
    refused = Item(refusal.part, ItemOutcome.REFUSED)
    write_content(vault, request, replace(read_content(vault, request), items=(*done, refused)))


def reject_refusal(vault: Vault, request: RightsRequest) -> None:
    """Find that there is no reason to refuse; the request is worked on again.

    Raises:
        RequestStateWrong: no refusal is proposed.
    """
    if request.state is not RequestState.REFUSAL_PROPOSED:
        raise RequestStateWrong(request.state, RequestState.IN_PROGRESS)
    move(vault, request, RequestState.IN_PROGRESS)
    request.proposed_by, request.refusal_reason = None, None
    write_content(vault, request, replace(read_content(vault, request), refusal=None))


def _alias(vault: Vault) -> str:
    if vault.alias is None:
        raise SecondPersonNeeded  # nobody in particular cannot be one of two
    return vault.alias


def _who(vault: Vault) -> Row:
    return Row("staff_member", uuid5(NAMESPACE_URL, f"klarwert:staff/{vault.alias}"))
