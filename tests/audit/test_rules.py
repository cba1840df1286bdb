"""The rules: each by the shortest log that breaks it, next to one that does not."""

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.entry import Action, ActorRole, Entry, EntryObject, Outcome
from audit.rules import Auditor, Promises
from audit.rules_consent import CONSENTED
from audit.violation import Rule, Violation
from consent.purpose import RULES, Basis
from tests.audit.test_entry import ENTRIES

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
ANNA, BEN = "a" * 64, "b" * 64
SCORE, SHARE, NEWS = "score.compute/mastodon", "brand.share/acme/boots", "mail.news"
WORDS = f"2026-11.en.{'0' * 64}"
ROW, OTHER_ROW = "1" * 32, "2" * 32
DECIDED = {action for action in Action if action.startswith("consent.")}
BY_PERSON = {Action.CONSENT_GIVEN, Action.CONSENT_REQUESTED, Action.CONSENT_WITHDRAWN, Action.CONSENT_REFUSED}
Step = tuple[Action, str | None, dict[str, object]]


def step(action: Action, scope: str | None = None, **facts: object) -> Step:
    return action, scope, facts


GIVEN, WITHDRAWN = step(Action.CONSENT_GIVEN, SCORE), step(Action.CONSENT_WITHDRAWN, SCORE)
SHARED, READ = step(Action.CONSENT_GIVEN, SHARE), step(Action.RECORD_READ, SCORE)
SCORED = step(Action.SCORE_COMPUTED, "score.compute", counts={"networks": 1})
DISCLOSED, SIGNAL = step(Action.DATA_DISCLOSED, SHARE), step(Action.SIGNAL_SEEN)
ERASED = step(Action.ACCOUNT_ERASED, "account")
ASKED = step(Action.RIGHTS_REQUESTED, "rights/access", row=ROW)
ANSWERED = step(Action.RIGHTS_ANSWERED, "rights/access", row=ROW)
PAUSED, RESUMED = (step(Action(f"rights.{name}"), "rights/access", row=ROW) for name in ("paused", "resumed"))
EXTENDED = step(Action.RIGHTS_EXTENDED, "rights/access", row=ROW)


def after(days: float, one: Step) -> Step:
    """The same, so many days after the beginning."""
    action, scope, facts = one
    return action, scope, {**facts, "at": START + timedelta(days=days)}


def refusal(name: str, who: str) -> Step:
    return step(Action(f"rights.refusal-{name}"), "rights/access", row=who)


def log_of(*steps: Step) -> Iterator[Entry]:
    """A log that opens and then holds these, about Anna unless another reference is given."""
    yield Entry(id="0" * 32, at=START, action=Action.LOG_OPENED, actor=ActorRole.SYSTEM)
    numbers, at = count(1), START
    for action, scope, facts in steps:
        at = facts.get("at", at)  # type: ignore[assignment]
        row = facts.get("row")
        by_person = action in BY_PERSON or action.startswith("rights.requested")
        yield Entry(
            id=f"{next(numbers):032x}",
            at=at,
            action=action,
            actor=facts.get("actor", ActorRole.SUBJECT if by_person else ActorRole.WORKER),  # type: ignore[arg-type]
            outcome=facts.get("outcome", Outcome.DONE),  # type: ignore[arg-type]
            subject_ref=facts.get("ref", ANNA),  # type: ignore[arg-type]
            scope=scope,
            notice=facts.get("notice", WORDS if action in DECIDED else None),  # type: ignore[arg-type]
            object=EntryObject("a_table", str(row), 1) if row is not None else None,
            counts=facts.get("counts", {}),  # type: ignore[arg-type]
        )


def broken(*steps: Step, promises: Promises | None = None) -> list[Violation]:
    auditor = Auditor(promises or Promises(kek_days=10_000, retention_days=10_000))
    found = [one for index, entry in enumerate(log_of(*steps)) for one in auditor.look(index, entry)]
    return found + list(auditor.finish())


LAWFUL = {
    "looked at after the erasure": [GIVEN, WITHDRAWN, ERASED, step(Action.AUDIT_LOOKED, "audit.life/plan")],
    "a consent, and what rests on it": [GIVEN, step(Action.IMPORT_STORED, SCORE), SCORED, READ],
    "a consent given anew after its end": [GIVEN, WITHDRAWN, GIVEN, READ],
    "a no that leaves what is in force": [GIVEN, step(Action.CONSENT_REFUSED, SCORE), READ],
    "a refused attempt": [step(Action.RECORD_READ, SCORE, outcome=Outcome.DENIED)],
    "what needs no consent": [step(Action.RECORD_READ, "account"), step(Action.RECORD_READ, "statistics")],
    "a disclosure": [SHARED, DISCLOSED],
    "a yes in view of a signal": [SHARED, SIGNAL, SHARED, DISCLOSED],
    "a signal and a purpose that is nobody's sharing": [GIVEN, SIGNAL, READ],
    "mail asked for and confirmed": [
        step(Action.CONSENT_REQUESTED, NEWS),
        step(Action.CONSENT_GIVEN, NEWS),
        step(Action.RECORD_READ, NEWS),
    ],
    "the last day of a term": [GIVEN, after(364, READ)],
    "a restriction that was lifted": [
        GIVEN,
        step(Action.PROCESSING_RESTRICTED, None, row=ROW),
        step(Action.RECORD_READ, "rights"),
        step(Action.SCORE_COMPUTED, "score.compute", actor=ActorRole.SUBJECT),
        step(Action.RESTRICTION_LIFTED, None, row=ROW),
        READ,
    ],
    "a restriction of another purpose": [
        GIVEN,
        step(Action.PROCESSING_RESTRICTED, "perk.match", row=ROW),
        READ,
    ],
    "an erasure with a request open": [ASKED, ERASED, after(400, step(Action.CONSENT_GIVEN, SCORE, ref=BEN))],
    "an answer on the last day": [ASKED, after(30, ANSWERED)],
    "an answer after a rest of the clock": [ASKED, after(1, PAUSED), after(11, RESUMED), after(40, ANSWERED)],
    "a clock that rests at the end": [ASKED, after(1, PAUSED), after(90, step(Action.RECORD_READ, "rights"))],
    "an answer in the extended term": [ASKED, after(29, EXTENDED), after(90, ANSWERED)],
    "a refusal by two": [ASKED, refusal("proposed", ROW), ANSWERED, refusal("confirmed", OTHER_ROW)],
    "a refusal that may have been two people's": [
        refusal("proposed", ROW),
        refusal("proposed", OTHER_ROW),
        refusal("confirmed", ROW),
        refusal("confirmed", OTHER_ROW),
    ],
    "two transactions that crossed": [after(1, GIVEN), after(0.99, READ)],
}
UNLAWFUL = {
    "read without consent": ([READ], Rule.NO_CONSENT, 1, ()),
    "read by another's consent": ([GIVEN, step(Action.RECORD_READ, SCORE, ref=BEN)], Rule.NO_CONSENT, 2, ()),
    "read under another scope": ([GIVEN, step(Action.RECORD_READ, f"{SCORE}x")], Rule.NO_CONSENT, 2, ()),
    "stored on a wish": (
        [step(Action.CONSENT_REQUESTED, SCORE), step(Action.IMPORT_STORED, SCORE)],
        Rule.NO_CONSENT,
        2,
        (),
    ),
    "read on carried history": ([step(Action.CONSENT_CARRIED, SCORE), READ], Rule.NO_CONSENT, 2, ()),
    "read after a withdrawal": ([GIVEN, WITHDRAWN, READ], Rule.CONSENT_OVER, 3, (2,)),
    "read after an expiry": (
        [GIVEN, step(Action.CONSENT_EXPIRED, SCORE), READ],
        Rule.CONSENT_OVER,
        3,
        (2,),
    ),
    "read after the term": ([GIVEN, after(366, READ)], Rule.CONSENT_OVER, 2, (1,)),
    "scored without consent": ([SCORED], Rule.NO_CONSENT, 1, ()),
    "scored from more than is consented to": (
        [GIVEN, step(Action.SCORE_COMPUTED, "score.compute", counts={"networks": 2})],
        Rule.NO_CONSENT,
        2,
        (),
    ),
    "scored after a withdrawal": ([GIVEN, WITHDRAWN, SCORED], Rule.CONSENT_OVER, 3, (2,)),
    "disclosed without consent": ([GIVEN, DISCLOSED], Rule.DISCLOSURE, 2, ()),
    "disclosed before the consent": ([DISCLOSED, SHARED], Rule.DISCLOSURE, 1, ()),
    "disclosed after a revocation": (
        [SHARED, step(Action.CONSENT_REVOKED, SHARE), DISCLOSED],
        Rule.DISCLOSURE,
        3,
        (2,),
    ),
    "disclosed despite a signal": ([SHARED, SIGNAL, DISCLOSED], Rule.SIGNAL_IGNORED, 3, (1, 2)),
    "read despite a restriction": (
        [GIVEN, step(Action.PROCESSING_RESTRICTED, None, row=ROW), READ],
        Rule.LIMIT_IGNORED,
        3,
        (2,),
    ),
    "counted despite an objection": (
        [step(Action.OBJECTION_MADE, "statistics", row=ROW), step(Action.RECORD_READ, "statistics")],
        Rule.LIMIT_IGNORED,
        2,
        (1,),
    ),
    "read after the erasure": ([GIVEN, WITHDRAWN, ERASED, READ], Rule.AFTER_ERASURE, 4, (3,)),
    "a yes by staff": (
        [step(Action.CONSENT_GIVEN, SCORE, actor=ActorRole.STAFF)],
        Rule.CONSENT_SEQUENCE,
        1,
        (),
    ),
    "a yes without words": ([step(Action.CONSENT_GIVEN, SCORE, notice=None)], Rule.CONSENT_SEQUENCE, 1, ()),
    "a yes to what needs none": ([step(Action.CONSENT_GIVEN, "account")], Rule.CONSENT_SEQUENCE, 1, ()),
    "mail never asked for": ([step(Action.CONSENT_GIVEN, NEWS)], Rule.CONSENT_SEQUENCE, 1, ()),
    "an end twice": ([GIVEN, WITHDRAWN, WITHDRAWN], Rule.CONSENT_SEQUENCE, 3, (2,)),
    "history after a decision": (
        [GIVEN, step(Action.CONSENT_CARRIED, SHARE)],
        Rule.CONSENT_SEQUENCE,
        2,
        (),
    ),
    "answered late": ([ASKED, after(32, ANSWERED)], Rule.REQUEST_LATE, 2, (1,)),
    "never answered": ([ASKED, after(32, step(Action.RECORD_READ, "rights"))], Rule.REQUEST_LATE, 2, (1,)),
    "extended too late": ([ASKED, after(32, EXTENDED), after(33, ANSWERED)], Rule.REQUEST_LATE, 2, (1,)),
    "an answer to nothing": ([ANSWERED], Rule.REQUEST_SEQUENCE, 1, ()),
    "answered twice": ([ASKED, ANSWERED, ANSWERED], Rule.REQUEST_SEQUENCE, 3, ()),
    "refused by one person": (
        [refusal("proposed", ROW), refusal("confirmed", ROW)],
        Rule.SECOND_PERSON,
        2,
        (1,),
    ),
    "refused by nobody's proposal": ([refusal("confirmed", ROW)], Rule.SECOND_PERSON, 1, ()),
    "backdated": ([after(3, GIVEN), after(1, READ)], Rule.TIME_ORDER, 2, ()),
    "opened twice": ([step(Action.LOG_OPENED, ref=None)], Rule.OPENING, 1, ()),
}


@pytest.mark.parametrize("name", LAWFUL)
def test_nothing_is_said_against(name: str) -> None:
    assert broken(*LAWFUL[name]) == []


@pytest.mark.parametrize("name", UNLAWFUL)
def test_what_breaks_a_rule_is_named_with_the_entries_that_make_it_one(name: str) -> None:
    steps, rule, index, earlier = UNLAWFUL[name]

    (found,) = broken(*steps)

    assert (found.rule, found.index, found.earlier) == (rule, index, earlier)
    assert found.sentence.startswith(f"Entry {index}: ")


@given(st.lists(ENTRIES, max_size=8))
def test_whatever_a_log_says_the_rules_read_it_to_its_end(entries: list[Entry]) -> None:
    auditor = Auditor()

    found = [one for index, entry in enumerate(entries) for one in auditor.look(index, entry)]

    assert all(one.sentence.isascii() for one in [*found, *auditor.finish()])


@pytest.mark.parametrize("year", [1, 1999, 9999])
def test_an_instant_from_which_no_term_can_be_counted_is_named(year: int) -> None:
    at = datetime(year, 12, 31, tzinfo=UTC)

    (found,) = broken(step(Action.RIGHTS_REQUESTED, "rights/access", row=ROW, at=at))

    assert (found.rule, found.index) == (Rule.TIME_ORDER, 1)


def test_a_public_holiday_moves_the_last_day() -> None:
    holidays = Promises(10_000, 10_000, {date(2026, 2, 5)})

    assert broken(ASKED, after(31.9, ANSWERED), promises=holidays) == []
    assert [one.rule for one in broken(ASKED, after(32.9, ANSWERED), promises=holidays)] == [
        Rule.REQUEST_LATE
    ]


def test_keys_and_retention_are_owed_while_the_log_goes_on_and_each_gap_is_said_once() -> None:
    rotated, purged = (
        step(Action.KEYS_ROTATED, ref=None),
        step(Action.RETENTION_PURGED, "retention", ref=None),
    )
    quiet = [after(day, one) for day in range(1, 30) for one in (purged, rotated)]
    late = [after(day, READ) for day in (12, 13, 20)]
    kept = [one for one in quiet if one[2]["at"] < START + timedelta(days=10)]  # type: ignore[operator]

    assert broken(GIVEN, *quiet, promises=Promises()) == []
    assert [
        (one.rule, one.index, one.earlier) for one in broken(GIVEN, *kept, *late, promises=Promises())
    ] == [
        (Rule.RETENTION_OVERDUE, 20, (18,)),
        (Rule.KEYS_OVERDUE, 22, (19,)),
    ]


def test_the_terms_of_purposes_are_those_that_the_gate_holds_people_to() -> None:
    asked = {purpose.value: rule for purpose, rule in RULES.items() if rule.basis is Basis.CONSENT}

    assert CONSENTED.keys() == asked.keys()
    for name, terms in CONSENTED.items():
        lasts = None if terms.days is None else timedelta(days=terms.days)
        rule = asked[name]
        assert (lasts, terms.heeds_signal, terms.confirmed_by_mail) == (
            rule.lasts,
            rule.heeds_signal,
            rule.confirmed_by_mail,
        )


def test_what_is_remembered_grows_with_references_and_not_with_entries() -> None:
    auditor = Auditor()
    entries = log_of(*[GIVEN, READ, ASKED, ANSWERED, WITHDRAWN] * 500)

    tracemalloc.start()
    found = [one for index, entry in enumerate(entries) for one in auditor.look(index, entry)]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found == []
    assert most < 200_000  # the entries alone would be two million bytes


def test_where_the_beginning_is_pruned_only_what_is_there_is_held_against_anybody():
    entries = list(
        log_of(READ, GIVEN, WITHDRAWN, READ, step(Action.ACCOUNT_CREATED, ref=BEN), step(*READ[:2], ref=BEN))
    )
    auditor = Auditor(begins_late=True)

    found = [one for index, entry in enumerate(entries[1:], 256) for one in auditor.look(index, entry)]

    assert [(one.rule, one.index) for one in found] == [(Rule.CONSENT_OVER, 259), (Rule.NO_CONSENT, 261)]


def restored(at: datetime) -> Entry:
    """The first entry of a log after one that was put back."""
    return Entry(
        id="f" * 32,
        at=at,
        action=Action.LOG_RESTORED,
        actor=ActorRole.OPERATOR,
        notice=f"9.{'3' * 64}",
        object=EntryObject("log_head", "1" * 32, 1, "2" * 64),
        counts={"rows": 2, "lost": 7},
    )


def test_after_entries_were_lost_what_rests_on_them_is_a_doubt_and_what_does_not_is_none():
    later = [after(60, READ), after(60, step(Action.ACCOUNT_CREATED, ref=BEN))]
    later += [after(60, step(*READ[:2], ref=BEN)), after(61, step(Action.RECORD_READ, "rights"))]
    _, *entries = log_of(*later)
    auditor = Auditor()

    before = [one for index, entry in enumerate(log_of(ASKED)) for one in auditor.look(index, entry)]
    found = [
        one
        for index, entry in enumerate([restored(START + timedelta(days=60)), *entries])
        for one in auditor.look(index, entry)
    ]

    assert before == []
    assert [(one.rule, one.index) for one in found] == [(Rule.ENTRIES_LOST, 0), (Rule.NO_CONSENT, 3)]
    assert found[0].said.endswith("its entries 2 to 8, which were signed, are lost")
    assert list(auditor.finish()) == []  # the answer may be among what is lost


def test_a_log_that_lost_entries_and_does_not_say_which_is_not_opened_rightly():
    auditor = Auditor()
    said = replace(restored(START), notice=WORDS)

    found = list(auditor.look(0, said)) + list(auditor.look(1, restored(START)))

    assert [(one.rule, one.index) for one in found] == [(Rule.OPENING, 0), (Rule.OPENING, 1)]
