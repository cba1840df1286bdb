"""The rules over the entries of a log in their order: what a whole log may say and must not; pure.

A log that is whole shows what was done, not that it was lawful. `Auditor` reads it once, from its start, and
remembers of each reference no more than its scopes, limits and open requests. It says nothing that the
entries do not show: where they leave a doubt, there is no violation (docs/verifying.md lists the doubts).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from audit.binding import OPENINGS, Restore, find_restore
from audit.entry import Action, Entry, Outcome
from audit.rules_consent import (
    CONSENT_ACTIONS,
    LIFTING,
    LIMITING,
    ONE_TRANSACTION,
    PROCESSING,
    PersonSeen,
    follow_consent,
    follow_limit,
    judge_processing,
)
from audit.rules_request import (
    REFUSAL_ACTIONS,
    REQUEST_ACTIONS,
    RequestsSeen,
    follow_refusal,
    follow_request,
    overdue,
)
from audit.violation import Facts, Rule, Violation, Wrong

KEK_DAYS = 7  # as the service publishes it; KLARWERT_KEK_DAYS
RETENTION_DAYS = 2  # the service looks once a minute and proves it at least once a day
_ACCOUNT = "account"
# An auditor may look at what is left of somebody, and their look names whose entries they saw.
_MAY_FOLLOW_ERASURE = (Action.ACCOUNT_ERASED, Action.AUDIT_LOOKED)
_YEARS = range(2000, 9000)


@dataclass(frozen=True)
class Promises:
    """What the service promises and an entry does not say: its privacy page names it."""

    kek_days: int = KEK_DAYS
    retention_days: int = RETENTION_DAYS
    holidays: Collection[date] = ()


@dataclass
class _Duty:
    """Something to be done again and again while the log goes on."""

    rule: Rule
    days: int
    wrong: Wrong
    index: int = 0
    since: datetime | None = None  # None: not owed yet
    is_said: bool = False

    def done(self, index: int, at: datetime) -> None:
        self.index, self.since, self.is_said = index, at, False

    def judge(self, index: int, at: datetime) -> Iterator[Violation]:
        late = timedelta(days=self.days) + ONE_TRANSACTION
        if self.since is None or self.is_said or at < self.since + late:
            return
        self.is_said = True  # once for each gap, however long it gets
        facts: Facts = {"entry": self.index, "days": self.days}
        yield Violation(self.rule, index, self.wrong, facts, (self.index,))


@dataclass
class Auditor:
    """Reads a log entry by entry; `look` in order, then `finish`.

    begins_late: entries before these are not here, pruned or in an earlier log. Then what rests on something
        that is not there is a doubt, unless the account's own beginning is here.
    """

    promises: Promises = field(default_factory=Promises)
    begins_late: bool = False
    adopted: list[int] = field(default_factory=list)  # where an operator vouched for it: log.adopted

    def __post_init__(self) -> None:
        self._people: dict[str, PersonSeen] = {}
        self._requests: dict[str, RequestsSeen] = {}
        self._erased: dict[str, int] = {}
        self._begun: set[str] = set()
        self._unsettled: set[str] = set()  # who had a request open when the log lost entries
        self._last = -1
        self._now: datetime | None = None
        self._keys = _Duty(Rule.KEYS_OVERDUE, self.promises.kek_days, Wrong.KEYS_KEPT)
        self._retention = _Duty(
            Rule.RETENTION_OVERDUE, self.promises.retention_days, Wrong.RETENTION_UNPROVED
        )

    def look(self, index: int, entry: Entry) -> Iterator[Violation]:
        """What an entry breaks."""
        if entry.at.year not in _YEARS:  # no term could be counted from it
            yield Violation(Rule.TIME_ORDER, index, Wrong.YEAR, {"year": entry.at.year})
            return
        yield from self._judge_place(index, entry)
        yield from self._judge_duties(index, entry)
        if entry.subject_ref is None:
            return
        if entry.subject_ref in self._erased and entry.action not in _MAY_FOLLOW_ERASURE:
            where = self._erased[entry.subject_ref]
            facts: Facts = {"action": str(entry.action), "entry": where}
            yield Violation(Rule.AFTER_ERASURE, index, Wrong.ERASED, facts, (where,), entry.subject_ref)
        elif _is_erasure(entry):
            self._erased.setdefault(entry.subject_ref, index)
            self._people.pop(entry.subject_ref, None)
            self._requests.pop(entry.subject_ref, None)
        elif entry.outcome is Outcome.DONE or entry.action in REQUEST_ACTIONS:
            if self.begins_late and entry.action is Action.ACCOUNT_CREATED:
                self._begun.add(entry.subject_ref)
            for found in self._follow(entry.subject_ref, index, entry):
                if not self._is_in_doubt(entry, found):
                    yield found

    def finish(self) -> Iterator[Violation]:
        """What is owed at the end of the log."""
        if self._now is not None:
            for reference, seen in self._requests.items():
                if reference in self._unsettled:
                    continue
                yield from overdue(seen, self._last, self._now, self.promises.holidays, reference)

    def _is_in_doubt(self, entry: Entry, found: Violation) -> bool:
        """Whether something that is not here could make it right."""
        # A pooled score may rest on any of several consents, also on one that is not here.
        rests_on_absence = not found.earlier or entry.action is Action.SCORE_COMPUTED
        return self.begins_late and rests_on_absence and entry.subject_ref not in self._begun

    def _judge_place(self, index: int, entry: Entry) -> Iterator[Violation]:
        if (index == 0) != (entry.action in OPENINGS):
            yield Violation(Rule.OPENING, index, Wrong.NOT_OPENED if index == 0 else Wrong.OPENED_AGAIN)
        elif entry.action is Action.LOG_RESTORED:
            yield self._restored(index, entry)
        if self._now is not None and entry.at < self._now - ONE_TRANSACTION:
            facts: Facts = {"at": _instant(entry.at), "latest": _instant(self._now)}
            yield Violation(Rule.TIME_ORDER, index, Wrong.BACKDATED, facts, reference=entry.subject_ref)
            self._now = entry.at  # what follows is measured by it: one step back is one violation
        self._last = index
        self._now = entry.at if self._now is None else max(self._now, entry.at)
        if entry.action is Action.LOG_ADOPTED:
            self.adopted.append(index)

    def _restored(self, index: int, entry: Entry) -> Violation:
        """What is lost; from here on what rests on it is a doubt, as where the beginning is not here."""
        self.begins_late = True
        self._unsettled = set(self._requests)
        for duty in (self._keys, self._retention):
            if duty.since is not None:
                duty.done(index, entry.at)
        restore = find_restore(entry)
        if restore is None:
            return Violation(Rule.OPENING, index, Wrong.RESTORE_UNTOLD)
        return lost(index, restore)

    def _judge_duties(self, index: int, entry: Entry) -> Iterator[Violation]:
        for duty in (self._keys, self._retention):
            yield from duty.judge(index, entry.at)
        if self._keys.since is None or entry.action is Action.KEYS_ROTATED:
            self._keys.done(index, entry.at)
        is_proof = entry.action is Action.RETENTION_PURGED and entry.subject_ref is None
        if is_proof or (self._retention.since is None and entry.subject_ref is not None):
            self._retention.done(index, entry.at)

    def _follow(self, reference: str, index: int, entry: Entry) -> Iterator[Violation]:
        if entry.action in REQUEST_ACTIONS or entry.action in REFUSAL_ACTIONS:
            requests = self._requests.setdefault(reference, RequestsSeen())
            if entry.action in REFUSAL_ACTIONS:
                yield from follow_refusal(requests, index, entry)
            else:
                yield from follow_request(requests, index, entry, self.promises.holidays)
            return
        seen = self._people.setdefault(reference, PersonSeen())
        if entry.action in CONSENT_ACTIONS:
            yield from follow_consent(seen, index, entry)
        elif entry.action in LIMITING or entry.action in LIFTING or entry.action is Action.SIGNAL_SEEN:
            follow_limit(seen, index, entry)
        elif entry.action in PROCESSING:
            yield from judge_processing(seen, index, entry)


def _is_erasure(entry: Entry) -> bool:
    """An account erased, or one that was never confirmed and is gone with its key."""
    is_discarded = entry.action is Action.RETENTION_PURGED and entry.scope == _ACCOUNT
    return entry.action is Action.ACCOUNT_ERASED or is_discarded


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def lost(index: int, restore: Restore) -> Violation:
    """What a log lost when its database was put back; of the log itself, and of the one after it."""
    facts: dict[str, str | int] = {"log": restore.number, "at": _instant(restore.at)}
    if restore.size < restore.signed_size:
        facts |= {"first": restore.size, "last": restore.signed_size - 1}
        if restore.later:
            facts |= {"later": restore.later}
            return Violation(Rule.ENTRIES_LOST, index, Wrong.LOST_WITH_LATER, facts)
        return Violation(Rule.ENTRIES_LOST, index, Wrong.LOST, facts)
    facts |= {"size": restore.signed_size}
    return Violation(Rule.ENTRIES_LOST, index, Wrong.WRITTEN_ON, facts)
