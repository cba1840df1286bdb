"""The auditor's room over a whole log: everything is found, a step at a time, and counted once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from app.audit_room import PAGE, Room, Search
from app.audit_room_figures import figures
from app.audit_room_tally import STEP, Counted, Tally, Took
from audit.entry import Action, ActorRole, Entry, EntryObject, Outcome, canonical, parse
from tests.audit.logs import MemoryLog, entry

SIZE = 2 * STEP + 1000
SOMEBODY, ANOTHER = "a" * 64, "b" * 64
SHARED: dict[str, Any] = {"scope": "brand.share/a/b", "object": None, "counts": {}}


class IndexedLog(MemoryLog):
    """A log in memory that finds by reference, and notes how much was read at a time, and in all."""

    minimum = 0
    longest = 0
    read = 0

    def about(self, reference: bytes) -> Iterator[tuple[int, bytes]]:
        wanted = f'"subject_ref":"{reference.hex()}"'.encode()
        return ((index, body) for index, (body, _) in enumerate(self.rows) if wanted in body)

    def entries(self, start: int, stop: int) -> Iterator[tuple[bytes, bytes]]:
        self.longest, self.read = max(self.longest, stop - start), self.read + stop - start
        return super().entries(start, stop)


def about(number: int, action: Action, reference: str = SOMEBODY, **more: Any) -> Entry:
    return replace(entry(number), action=action, subject_ref=reference, **more)


def told(number: int) -> Entry:
    """Few and far apart: what is looked for lies in the first, the middle and the last step."""
    request = EntryObject("rights_request", "1" * 32, 1, None)
    special = {
        2: about(2, Action.CONSENT_GIVEN, actor=ActorRole.SUBJECT, **SHARED),
        3: about(3, Action.RIGHTS_REQUESTED, object=request),
        STEP + 5: about(STEP + 5, Action.DATA_DISCLOSED, **SHARED),
        STEP + 6: about(STEP + 6, Action.DATA_DISCLOSED, ANOTHER, **SHARED),
        SIZE - 3: replace(about(SIZE - 3, Action.RIGHTS_ANSWERED, object=request)),
        SIZE - 2: about(SIZE - 2, Action.EXPORT_MADE, outcome=Outcome.DENIED),
    }
    return special.get(number) or replace(entry(number), subject_ref=None, object=None)


@pytest.fixture(scope="module")
def bodies() -> list[bytes]:
    usual = canonical(told(1))
    made = [usual.replace(f"{1:032x}".encode(), f"{number:032x}".encode()) for number in range(SIZE)]
    for number in (0, 2, 3, STEP + 5, STEP + 6, SIZE - 3, SIZE - 2):
        made[number] = canonical(told(number))
    return made


@pytest.fixture
def log(bodies: list[bytes]) -> IndexedLog:
    return IndexedLog(bodies)


def indices(room: Room, asked: Search, page: int = 1) -> list[int]:
    return [seen.index for seen in room.search(asked, page).entries]


def test_a_search_finds_the_oldest_and_the_newest_entry_and_never_holds_more_than_a_step(log: IndexedLog):
    room = Room(log, SIZE, Tally())
    second = parse(log.rows[2][0]).at.date()

    assert indices(room, Search(action=Action.LOG_OPENED)) == [0]
    assert indices(room, Search(scope="brand.share")) == [STEP + 6, STEP + 5, 2]
    assert indices(room, Search(outcome=Outcome.DENIED)) == [SIZE - 2]
    assert indices(room, Search(action=Action.CONSENT_GIVEN, since=second, until=second)) == [2]
    assert indices(room, Search(action=Action.CONSENT_GIVEN, since=second + timedelta(days=1))) == []
    assert indices(room, Search(until=date(1999, 1, 1))) == []
    assert log.longest == STEP


def test_a_search_reads_only_the_steps_in_which_what_it_looks_for_occurs(log: IndexedLog):
    room = Room(log, SIZE, Tally())
    room.search(Search())
    log.read = 0

    shared = indices(room, Search(action=Action.DATA_DISCLOSED, scope="brand.share/a"))
    read, log.read = log.read, 0
    nothing = indices(room, Search(scope="research.train")) + indices(room, Search(outcome=Outcome.FAILED))

    assert (shared, read) == ([STEP + 6, STEP + 5], 2), "between the first and the last of this action"
    assert (nothing, log.read) == ([], 0)
    assert indices(room, Search(outcome=Outcome.DENIED, scope="score")) == [SIZE - 2]
    log.read = 0
    assert room.search(Search(action=Action.RECORD_RECTIFIED)).total == SIZE - 7
    assert log.read == SIZE - 2 * STEP, "the newest step is enough where the number is known"


def test_pages_of_a_search_follow_each_other_to_the_oldest_and_no_further(log: IndexedLog):
    room = Room(log, SIZE, Tally())
    workers = Search(action=Action.RECORD_RECTIFIED)

    everything, last = room.search(Search()), room.search(Search(), 10**6)
    some, beyond = room.search(workers, 2), room.search(workers, 10**6)

    assert (everything.total, everything.entries[0].index, last.page) == (SIZE, SIZE - 1, everything.pages)
    assert [seen.index for seen in last.entries][-1] == 0
    assert (some.total, len(some.entries), some.entries[0].index) == (SIZE - 7, PAGE, SIZE - PAGE - 3)
    assert (beyond.page, beyond.entries[-1].index) == (beyond.pages, 1)


def test_a_scope_that_is_none_asks_for_no_other_field(log: IndexedLog):
    room = Room(log, SIZE, Tally())

    assert indices(room, Search(scope=f'brand.share/a/b","subject_ref":"{SOMEBODY}')) == []


def test_a_life_and_samples_reach_over_the_whole_log(log: IndexedLog):
    room = Room(log, SIZE, Tally())

    life, drawn = room.life(SOMEBODY), room.sample()

    assert [seen.index for seen in life.entries] == [2, 3, STEP + 5, SIZE - 3, SIZE - 2]
    assert [(one.disclosure.index, one.consent and one.consent.index) for one in drawn] == [
        (STEP + 5, 2),
        (STEP + 6, None),
    ]
    assert len(room.sample(1)) == 1


def test_what_is_counted_is_kept_up_with_the_log_and_read_once(bodies: list[bytes]):
    log, tally = IndexedLog(bodies[: SIZE - 10]), Tally()
    before = Room(log, SIZE - 10, tally).told
    log.append(bodies[SIZE - 10 :])
    log.read = 0

    after = Room(log, SIZE, tally).told

    assert log.read == 11, "the last one counted, to see that it is still there, and ten more"
    assert (before.took[Took.OPEN], after.took[Took.OPEN], after.took[Took.DAY]) == (1, 0, 1)
    assert (after.done[Counted.DISCLOSURES], after.done[Counted.DENIALS], after.read) == (2, 1, SIZE)
    assert after == Room(IndexedLog(bodies), SIZE, Tally()).told
    assert [one.tens for one in figures(after).done] == [0] * len(Counted)


def test_a_log_that_is_not_the_one_that_was_counted_is_counted_anew(bodies: list[bytes]):
    tally = Tally()
    Room(IndexedLog(bodies), SIZE, tally).told  # noqa: B018  a look

    shorter = Room(IndexedLog(bodies[-STEP:]), STEP, tally).told
    again = Room(IndexedLog(bodies), SIZE, tally).told

    assert (shorter.read, again.read) == (STEP, SIZE)
