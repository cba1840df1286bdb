"""The results as a table for people: the ratio, its target, whether it is met, and the costs behind it."""

import os
from collections.abc import Sequence

from bench.measure import BYTES, HASHES, Goal, Result

BUSY = 1.5  # load per core above which wall-clock ratios say little
_COLUMNS = ("name", "ratio", "target", "met", "ours", "peer", "what is compared")


def summary(results: Sequence[Result]) -> str:
    """The table, the load of the machine above it, and what was missed below it."""
    rows = [_COLUMNS, *(_row(result) for result in results)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    missed = [result.goal.name for result in results if not result.is_met]
    verdict = f"Missed: {', '.join(missed)}." if missed else "Every target is met."
    return "\n".join((load(), "", *(line.rstrip() for line in lines), "", verdict))


def load() -> str:
    """The load average, and a warning where it spoils what is measured by the clock."""
    now, cores = os.getloadavg(), os.cpu_count() or 1
    text = f"load average {now[0]:.2f} {now[1]:.2f} {now[2]:.2f} on {cores} cores"
    return f"{text}: busy, so p50 and wall ratios are weak" if now[0] > BUSY * cores else text


def say_seconds(seconds: float) -> str:
    """Seconds in the unit that leaves three or four digits before the point or after it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def _say_cost(goal: Goal, seconds: float) -> str:
    if goal.cost in (HASHES, BYTES):
        return f"{seconds:,.4g}"
    return f"{1 / seconds:,.0f}/s" if goal.as_rate else say_seconds(seconds)


def _say_kind(goal: Goal) -> str:
    return goal.cost if goal.cost in (HASHES, BYTES) else f"{goal.cost} time"


def _row(result: Result) -> tuple[str, ...]:
    goal = result.goal
    return (
        goal.name,
        f"{result.ratio:.2f}",
        goal.target,
        "yes" if result.is_met else "NO",
        _say_cost(goal, result.subject),
        _say_cost(goal, result.peer),
        f"{_say_kind(goal)} per {goal.unit}, against {goal.peer}; {result.rounds} rounds",
    )
