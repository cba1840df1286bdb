"""The clock of a request: rests, the extension, and what is about to be late (GDPR Art. 12(3)).

It rests only while a needed identity answer is open, and only a request that came by letter or word can need
one: who is signed in, or used the code mailed to their address, is known. Whole days of rest move the term.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from audit.deadline import ANSWER_MONTHS, EXTENSION_MONTHS, due_on, end_of, last_day, target_on, working_day
from audit.entry import Action
from rights.errors import ExtensionRefused, IdentityKnown, require_reasons
from rights.request import (
    Channel,
    Escalation,
    RequestState,
    RightsRequest,
    log_step,
    move,
    open_requests,
    say,
)
from vault.desk import Vault

SOON = timedelta(days=5)
_URGENCY = (None, Escalation.SOON_DUE, Escalation.JOB_FAILED, Escalation.OVERDUE)


class ExtensionReason(StrEnum):
    """Why a term may be extended; nothing else counts."""

    COMPLEXITY = "complexity"
    NUMBER = "number"  # of requests


def pause(vault: Vault, request: RightsRequest) -> None:
    """Rest the clock while a needed identity answer is open.

    Raises:
        IdentityKnown: who asked is known from how it came in.
        RequestStateWrong: it waits already, or is closed.

    Source: GDPR Art. 12(6); EDPB Guidelines 01/2022.
    """
    if request.channel is not Channel.STAFF:
        raise IdentityKnown
    move(vault, request, RequestState.WAITING)
    request.paused_at = vault.now()
    log_step(vault, Action.RIGHTS_PAUSED, request)


def resume(vault: Vault, request: RightsRequest) -> None:
    """Let a request that waited go on; if its clock rested, the term moves by as many whole days.

    Raises:
        RequestStateWrong: it did not wait.
    """
    move(vault, request, RequestState.IN_PROGRESS)
    if request.paused_at is None:
        return
    began, now = request.paused_at, vault.now()
    request.pauses = [*request.pauses, [began.isoformat(), now.isoformat()]]
    request.paused_at = None
    request.due_at = _due_at(vault, request)
    log_step(vault, Action.RIGHTS_RESUMED, request)


def extend(vault: Vault, request: RightsRequest, reason: ExtensionReason, text: str) -> None:
    """Extend the term by two months, once, and tell the person why.

    Raises:
        ReasonsMissing: nothing was written to the person.
        ExtensionRefused: the first month is over, it was extended before, or it is closed.

    Source: GDPR Art. 12(3), second and third sentence.
    """
    text = require_reasons(text)
    is_late = vault.now() >= end_of(last_day(request.received_at.date()))
    if is_late or request.extended_at is not None or not request.is_open:
        raise ExtensionRefused
    request.extended_at, request.extension_reason = vault.now(), reason.value
    request.due_at = _due_at(vault, request)
    if request.escalation is not Escalation.JOB_FAILED:
        request.escalation, request.escalated_at = None, None
    say(vault, request, text)
    log_step(vault, Action.RIGHTS_EXTENDED, request)


def urgency(request: RightsRequest, now: datetime) -> Escalation | None:
    """What makes a request urgent at an instant; a resting clock makes none."""
    is_running = request.is_open and request.paused_at is None
    if is_running and now >= request.due_at:
        return Escalation.OVERDUE
    if request.is_open and request.escalation is Escalation.JOB_FAILED:
        return Escalation.JOB_FAILED
    is_soon = is_running and now >= end_of(target_on(request.due_on)) - SOON
    return Escalation.SOON_DUE if is_soon else None


def escalate(vault: Vault, request: RightsRequest, why: Escalation) -> bool:
    """Note that a request needs somebody's eyes; it stays as open as it was. False if that was known."""
    if _URGENCY.index(why) <= _URGENCY.index(request.escalation):
        return False
    request.escalation, request.escalated_at = why, vault.now()
    return True


def escalate_due(vault: Vault) -> Sequence[Escalation]:
    """Look through what is open; returns what became urgent since last time."""
    found = []
    for request in open_requests(vault):
        why = urgency(request, vault.now())
        if why is not None and escalate(vault, request, why):
            found.append(why)
    return found


def _due_at(vault: Vault, request: RightsRequest) -> datetime:
    months = ANSWER_MONTHS + (EXTENSION_MONTHS if request.extended_at is not None else 0)
    due = due_on(request.received_at.date(), months, vault.holidays)
    rested = sum((_rested(began, ended) for began, ended in request.pauses), timedelta())
    return end_of(working_day(due + timedelta(days=rested.days), vault.holidays))


def _rested(began: str, ended: str) -> timedelta:
    return datetime.fromisoformat(ended) - datetime.fromisoformat(began)
