"""Rules about one person: what was done with their data, and the consents in force when it was; pure.

In force is the last `consent.given` of a scope that no later entry ended, by index and not by the clock, and
no longer than the term of its purpose. An entry does not say that a consent ends earlier than that: such an
end shows as `consent.expired`, which the service writes within a minute.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from audit.entry import Action, ActorRole, Entry
from audit.violation import Facts, Rule, Violation, Wrong

ONE_TRANSACTION = timedelta(hours=1)  # an entry's instant lies within its transaction, its index at the end


@dataclass(frozen=True)
class ConsentTerms:
    """What a purpose that rests on consent asks of one (consent/purpose.py; a test compares)."""

    days: int | None = None
    heeds_signal: bool = False
    confirmed_by_mail: bool = False


CONSENTED = MappingProxyType(
    {
        "score.compute": ConsentTerms(365),
        "perk.match": ConsentTerms(365),
        "brand.share": ConsentTerms(183, heeds_signal=True),
        "research.train": ConsentTerms(730, heeds_signal=True),
        "mail.news": ConsentTerms(730, heeds_signal=True, confirmed_by_mail=True),
        "mail.perks": ConsentTerms(730, heeds_signal=True, confirmed_by_mail=True),
        "profile.public": ConsentTerms(),
    }
)
UNLIMITED = frozenset({"account", "rights"})  # what a restriction or an objection does not reach
PROCESSING = frozenset(
    {
        Action.IMPORT_STORED,
        Action.SCORE_COMPUTED,
        Action.RECORD_READ,
        Action.DATA_DISCLOSED,
        Action.PERK_OPTED_IN,
        Action.PERK_JUDGED,
    }
)
POOLED = "score.compute"  # a score rests on the consents to several platforms at once
_ENDS = frozenset(
    {
        Action.CONSENT_WITHDRAWN,
        Action.CONSENT_EXPIRED,
        Action.CONSENT_REVOKED,
        Action.CONSENT_INVALIDATED,
    }
)
_NEUTRAL = frozenset({Action.CONSENT_REFUSED, Action.CONSENT_REQUESTED})
CONSENT_ACTIONS = _ENDS | _NEUTRAL | {Action.CONSENT_GIVEN, Action.CONSENT_CARRIED}
LIMITING = frozenset({Action.PROCESSING_RESTRICTED, Action.OBJECTION_MADE})
LIFTING = frozenset({Action.RESTRICTION_LIFTED, Action.OBJECTION_ENDED})
_Reason = tuple[Rule, Wrong, tuple[int, ...]]  # why, and the entries it rests on, the telling one last


@dataclass
class PersonSeen:
    """What the entries so far say about one reference; as much as it has scopes and limits."""

    given: dict[str, tuple[int, datetime]] = field(default_factory=dict)  # scope: where and when
    ended: dict[str, int] = field(default_factory=dict)
    asked_by_mail: set[str] = field(default_factory=set)
    limits: dict[str, tuple[int, str | None]] = field(default_factory=dict)  # row: where, over which scope
    signal: int | None = None
    has_decided: bool = False


def follow_consent(seen: PersonSeen, index: int, entry: Entry) -> Iterator[Violation]:
    """Take up a `consent.*` entry."""
    scope = entry.scope or ""
    terms = CONSENTED.get(_purpose(scope))
    wrong = _wrong_decision(seen, entry, scope, terms)
    if wrong is not None:
        earlier = (seen.ended[scope],) if scope in seen.ended else ()
        yield Violation(
            Rule.CONSENT_SEQUENCE, index, wrong, {"action": str(entry.action)}, earlier, entry.subject_ref
        )
    seen.has_decided |= entry.action is not Action.CONSENT_CARRIED
    if entry.action is Action.CONSENT_GIVEN:
        seen.given[scope] = index, entry.at
        seen.ended.pop(scope, None)
    elif entry.action is Action.CONSENT_REQUESTED:
        seen.asked_by_mail.add(scope)
    elif entry.action in _ENDS and seen.given.pop(scope, None) is not None:
        seen.ended[scope] = index


def _wrong_decision(seen: PersonSeen, entry: Entry, scope: str, terms: ConsentTerms | None) -> Wrong | None:
    if terms is None:
        return Wrong.NEEDS_NO_CONSENT
    if entry.notice is None:
        return Wrong.NO_WORDS
    if entry.action is Action.CONSENT_CARRIED and seen.has_decided:
        return Wrong.HISTORY_LATE
    if entry.action in _ENDS and scope not in seen.given:
        return Wrong.NOT_IN_FORCE
    return _wrong_yes(seen, entry, scope, terms) if entry.action is Action.CONSENT_GIVEN else None


def _wrong_yes(seen: PersonSeen, entry: Entry, scope: str, terms: ConsentTerms) -> Wrong | None:
    if entry.actor is not ActorRole.SUBJECT:
        return Wrong.ANOTHER_PERSON
    if terms.confirmed_by_mail and scope not in seen.asked_by_mail:
        return Wrong.NOT_ASKED
    return None


def follow_limit(seen: PersonSeen, index: int, entry: Entry) -> None:
    """Take up a restriction, an objection, its end, or a browser's signal."""
    if entry.action is Action.SIGNAL_SEEN:
        seen.signal = index if seen.signal is None else seen.signal
    elif entry.object is not None and entry.action in LIMITING:
        seen.limits[entry.object.row] = index, entry.scope
    elif entry.object is not None:
        seen.limits.pop(entry.object.row, None)


def judge_processing(seen: PersonSeen, index: int, entry: Entry) -> Iterator[Violation]:
    """Whether an entry that says that data were used rests on what was in force at its index."""
    scope = entry.scope or ""
    if entry.action is Action.SCORE_COMPUTED and scope == POOLED:
        yield from _judge_pooled(seen, index, entry)
        return
    found = _why_not(seen, entry, scope)
    if found is None:
        return
    rule, wrong, earlier = found
    if entry.action is Action.DATA_DISCLOSED and rule in (Rule.NO_CONSENT, Rule.CONSENT_OVER):
        rule = Rule.DISCLOSURE
    facts: Facts = {"action": str(entry.action), "scope": scope, "entry": earlier[-1] if earlier else index}
    yield Violation(rule, index, wrong, facts, earlier, entry.subject_ref)


def _judge_pooled(seen: PersonSeen, index: int, entry: Entry) -> Iterator[Violation]:
    platforms = [scope for scope in seen.given if _purpose(scope) == POOLED]
    usable = [scope for scope in platforms if _why_not(seen, entry, scope) is None]
    wanted = entry.counts.get("networks", 1)
    if len(usable) < wanted:
        facts: Facts = {"wanted": wanted, "usable": len(usable)}
        earlier = tuple(sorted(at for scope, at in seen.ended.items() if _purpose(scope) == POOLED))
        rule = Rule.CONSENT_OVER if earlier else Rule.NO_CONSENT
        yield Violation(rule, index, Wrong.TOO_FEW, facts, earlier, entry.subject_ref)


def _why_not(seen: PersonSeen, entry: Entry, scope: str) -> _Reason | None:
    terms = CONSENTED.get(_purpose(scope))
    against = None if terms is None else _against_consent(seen, entry, scope, terms)
    return against or _against_limits(seen, entry, scope)


def _against_consent(seen: PersonSeen, entry: Entry, scope: str, terms: ConsentTerms) -> _Reason | None:
    if scope not in seen.given:
        if scope not in seen.ended:
            return Rule.NO_CONSENT, Wrong.NEVER_GIVEN, ()
        ended = seen.ended[scope]
        return Rule.CONSENT_OVER, Wrong.ENDED, (ended,)
    given, at = seen.given[scope]
    if terms.days is not None and entry.at >= at + timedelta(days=terms.days) + ONE_TRANSACTION:
        return Rule.CONSENT_OVER, Wrong.TERM_OVER, (given,)
    if terms.heeds_signal and seen.signal is not None and given < seen.signal:
        return Rule.SIGNAL_IGNORED, Wrong.SIGNAL, (given, seen.signal)
    return None


def _against_limits(seen: PersonSeen, entry: Entry, scope: str) -> _Reason | None:
    purpose = _purpose(scope)
    if entry.actor is ActorRole.SUBJECT or purpose in UNLIMITED:
        return None
    for where, limited in seen.limits.values():
        if limited in (None, scope, purpose):
            return Rule.LIMIT_IGNORED, Wrong.LIMITED if scope else Wrong.LIMITED_WHOLLY, (where,)
    return None


def _purpose(scope: str) -> str:
    return scope.partition("/")[0]
