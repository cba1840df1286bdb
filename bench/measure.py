"""The arithmetic of a comparison: costs taken in turns, one ratio per round, their median, a goal.

    round i    subject, then peer, one right after the other
    ratio_i    subject / peer   where a cost may be at most so many times as high   ("<=")
               peer / subject   where a speed must be at least so many times as high (">=")
    ratio      the median of ratio_1 … ratio_n

A side returns costs in seconds per unit, by name. Whatever else the machine did meets both sides of a
round alike, so the ratio holds where the seconds do not.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time
from typing import Any

Costs = Mapping[str, float]  # seconds per unit, or so many of what is counted
Side = Callable[[], Costs]
CPU, WALL, P50 = "CPU", "wall", "p50"
HASHES, BYTES = "hashes", "bytes"  # counted, not timed


@dataclass(frozen=True)
class Goal:
    """One cost of a subject held against that of its peer."""

    name: str
    cost: str  # which of the costs a side returns
    peer: str
    unit: str = "request"  # what the cost is of
    most: float | None = None  # the cost is at most so many times the peer's
    least: float | None = None  # the speed is at least so many times the peer's
    as_rate: bool = False  # the table says units per second, not seconds per unit

    @property
    def target(self) -> str:
        return f"<= {self.most:g}" if self.most is not None else f">= {self.least:g}"

    def ratio(self, subject: Costs, peer: Costs) -> float:
        upper, lower = (subject, peer) if self.most is not None else (peer, subject)
        return upper[self.cost] / lower[self.cost]

    def is_met_by(self, ratio: float) -> bool:
        return (self.most is None or ratio <= self.most) and (self.least is None or ratio >= self.least)


@dataclass(frozen=True)
class Benchmark:
    """A subject, its peer, and what is asked of the two.

    sides: opens both for so many units of work (1.0 is the full measure) and closes them without a trace.
    """

    name: str
    goals: tuple[Goal, ...]
    sides: Callable[[float], AbstractContextManager[tuple[Side, Side]]]


class NotMeasurable(Exception):
    """What a benchmark needs is not on this machine; the message says what."""


@dataclass(frozen=True)
class Result:
    """A goal and what came out; `subject` and `peer` are the medians of the costs."""

    goal: Goal
    ratio: float
    rounds: int
    subject: float
    peer: float

    @property
    def is_met(self) -> bool:
        return self.goal.is_met_by(self.ratio)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.goal.name,
            "ratio": round(self.ratio, 3),
            "target": self.goal.target,
            "met": self.is_met,
            "peer": self.goal.peer,
            "rounds": self.rounds,
        }


def run(benchmark: Benchmark, rounds: int, *, work: float = 1.0, with_warm_up: bool = True) -> list[Result]:
    """Measure both sides in turns, after one turn each that does not count.

    Raises:
        NotMeasurable: something it needs is missing here.
    """
    with benchmark.sides(work) as (subject, peer):
        if with_warm_up:
            subject(), peer()
        turns = [(subject(), peer()) for _ in range(rounds)]
    return [_result(goal, turns) for goal in benchmark.goals]


def _result(goal: Goal, turns: list[tuple[Costs, Costs]]) -> Result:
    return Result(
        goal=goal,
        ratio=median(goal.ratio(subject, peer) for subject, peer in turns),
        rounds=len(turns),
        subject=median(subject[goal.cost] for subject, _ in turns),
        peer=median(peer[goal.cost] for _, peer in turns),
    )


def timed(act: Callable[[], object], times: int, units: int = 1) -> Costs:
    """CPU and wall-clock seconds of this process per unit, where each act does so many units."""
    wall, cpu = perf_counter(), process_time()
    for _ in range(times):
        act()
    cpu, wall = process_time() - cpu, perf_counter() - wall
    return {CPU: cpu / (times * units), WALL: wall / (times * units)}


def scaled(full: int, work: float) -> int:
    """So much of the full count, at least one."""
    return max(1, round(full * work))
