"""The months before today in a demo, lived day by day on a clock that is turned on, through the doors.

    each day:   keys once a week  ->  what the worker does  ->  whoever acts today, hour by hour  ->  mails

Who acts are episodes: each does something, yields for how many days it rests, and goes on. So a request is
taken in on one day and answered some days later, and the log has its entries in the order of a real one.
"""

import heapq
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import count
from uuid import UUID

from app.accounts import confirm, open_account
from app.consents import Said, decide_within
from app.demo_archives import sequence
from app.passwords import hash_password
from app.rotating import rotate_keys
from app.transaction import House
from app.worker import Worker
from consent.notice import notice
from consent.purpose import Scope
from consent.record import Choice, Surface, find_latest
from rights.retention import purge
from vault.desk import Vault
from vault.subject import Account, AgeBand

PASSWORD = "demo-demo-demo"  # shown on the sign-in page of a demo
WEEK = 7
_BEGINS, _TIDIES, _OPENS, _CLOSES = time(4), time(5), time(8), time(20)
_TICK = timedelta(milliseconds=20)  # between two looks at the clock

Episode = Iterator[int]  # yields for how many days it rests


class Calendar:
    """A clock that stands where it was turned to, and ticks whenever somebody looks at it."""

    def __init__(self, today: date) -> None:
        self._today = today
        self.turn_to(0, _BEGINS)

    def __call__(self) -> datetime:
        self._at += _TICK
        return self._at

    def turn_to(self, days_ago: int, hour: time) -> None:
        """Some day before today."""
        self._at = datetime.combine(self._today - timedelta(days=days_ago), hour, UTC)

    def let_pass(self, passed: timedelta) -> None:
        """Turn it on."""
        self._at += passed


class Letterbox:
    """Keeps the mails of invented people, who have none."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def send(
        self,
        address: str,  # noqa: ARG002
        subject: str,  # noqa: ARG002
        text: str,
        headers: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> None:
        self._texts.append(text)

    def tokens(self, link: str) -> list[str]:
        """Those of the links to one page, in the order of the mails."""
        return [
            found for text in self._texts for found in re.findall(rf"{re.escape(link)}\?token=([\w-]+)", text)
        ]


@dataclass
class Life:
    """One demo while it is lived: the house on its calendar, and what is still to come."""

    house: House
    today: date
    calendar: Calendar
    post: Letterbox = field(default_factory=Letterbox)
    draw: Iterator[int] = field(default_factory=lambda: sequence(1837))
    evenings: list[Callable[[], None]] = field(default_factory=list)  # what is done at the end of each day

    def __post_init__(self) -> None:
        self._to_come: list[tuple[int, int, Episode]] = []
        self._number = count()

    def plan(self, days_ago: int, episode: Episode) -> None:
        """Let something begin on a day."""
        heapq.heappush(self._to_come, (-days_ago, next(self._number), episode))

    def chance(self, one_in: int) -> bool:
        """Whether it happens this time."""
        return next(self.draw) % one_in == 0

    def live(self, days: int, told: Callable[[int], None]) -> None:
        """All days until today; what was planned for earlier ones is left out."""
        for days_ago in range(days, 0, -1):
            self.calendar.turn_to(days_ago, _BEGINS)
            if days_ago % WEEK == 1:
                rotate_keys(self.house)
            self.calendar.turn_to(days_ago, _TIDIES)
            self.calendar.let_pass(
                timedelta(minutes=days - days_ago)
            )  # each round a whole day after the last
            self._tidy(is_whole=days_ago <= WEEK or days_ago % WEEK == 1)
            self._live_through(days_ago, is_first=days_ago == days)
            told(1)

    def finish_jobs(self) -> None:
        """Do whatever waits in the queue."""
        finish_jobs(self.house, self.post)

    def _tidy(self, *, is_whole: bool) -> None:
        """What the worker does once a minute; a whole round for each day would take a quarter of the time."""
        if is_whole:
            Worker(self.house, self.post).tidy_if_due()
            return
        with self.house.open_vault("system") as vault:
            purge(vault, is_proof_due=True)

    def _live_through(self, days_ago: int, *, is_first: bool) -> None:
        acting = []
        while self._to_come and self._to_come[0][0] <= -days_ago:
            planned, _, episode = heapq.heappop(self._to_come)
            if planned == -days_ago or not is_first:
                acting.append(episode)
        self.calendar.turn_to(days_ago, _OPENS)
        pause = timedelta(hours=_CLOSES.hour - _OPENS.hour) / max(1, len(acting))
        for episode in acting:
            rests = next(episode, None)
            if rests is not None:
                self.plan(days_ago - rests, episode)
            self.calendar.let_pass(pause)
        self.finish_jobs()
        for evening in self.evenings:
            evening()


def begin(house: House) -> Life:
    """A life of this house that ends today."""
    today = house.clock().date()
    calendar = Calendar(today)
    return Life(replace(house, clock=calendar), today, calendar)


def first_moment(today: date, days: int) -> Callable[[], datetime]:
    """The clock by which the installation of a demo is made: before anything is lived in it."""
    calendar = Calendar(today)
    calendar.turn_to(days, _BEGINS)
    return calendar


def join(house: House, addresses: Collection[str], language: str) -> list[UUID]:
    """Open accounts and follow the links in the mails."""
    post = Letterbox()
    for address in addresses:
        open_unconfirmed(house, address, language)
    finish_jobs(house, post)
    for token in post.tokens(f"{house.config.public_url}/confirm"):
        confirm(house, token)
    return [subject_of(house, address) for address in addresses]


def open_unconfirmed(house: House, address: str, language: str) -> None:
    """Open an account; the link is in the mail."""
    open_account(house, Account(address, _credential(), language, AgeBand.ADULT))


def finish_jobs(house: House, post: Letterbox | None = None) -> None:
    """Do whatever waits in the queue."""
    worker = Worker(house, post or Letterbox())
    while worker.run_once():
        pass


def subject_of(house: House, address: str) -> UUID:
    """Somebody invented, who is there."""
    subject_id = house.keystore.find_subject(address)
    if subject_id is None:
        raise RuntimeError("Somebody invented is not there.")
    return subject_id


def say(
    house: House,
    vault: Vault,
    subject_id: UUID,
    scope: Scope,
    choice: Choice,
    language: str,
    name: str | None = None,
) -> None:
    """Decide on one scope, after reading its present words."""
    latest = find_latest(vault, subject_id, scope)
    seen = latest.number if latest is not None else 0
    shown = notice(scope, language, notices=house.notices)
    decide_within(house, vault, subject_id, choice, Said(shown, seen, Surface.PAGE, name=name))
    vault.flush()


@cache
def _credential() -> str:
    """Everybody in a demo has one password, which is no secret: hashed once, it needs no fifty hashes."""
    return hash_password(PASSWORD)
