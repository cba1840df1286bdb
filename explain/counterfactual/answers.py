"""What would have to change for a target score: by one criterion alone, and by the least effort over several.

    single         the inverse of one curve, everything else unchanged
    least effort   the cheapest changes of all that a person may influence (least_effort.py)

Both are told as networks' own figures, rounded up (reach.py, input_change.py), and `exact` is the score of
the inputs so changed: whoever carries the changes out has it. In life a reply also makes a week with a
response; as no input lowers a score, that only adds. Nothing here looks at anyone but the person, and no
network that is not connected is proposed.
"""

from collections.abc import Mapping, Set
from dataclasses import asdict, dataclass
from enum import StrEnum
from math import fsum
from typing import Any

from explain.counterfactual.input_change import InputChange
from explain.counterfactual.reach import Reached, reach
from explain.errors import TargetRefused
from model.card import PointsCard
from model.inputs import Criterion
from model.scoring import exact_score, shown_score
from model.units import PooledInputs

LOWEST, HIGHEST = 1, 100
DEFAULT_RISE = 5

# What others decide about a person, followers and lists, is never advised: nobody shall be told to buy it.
CONTROLLABLE = (
    Criterion.CONVERSATION,
    Criterion.AMPLIFICATION,
    Criterion.APPRECIATION,
    Criterion.CONSISTENCY,
)


class WhyUnreachable(StrEnum):
    """Why there is nothing to advise."""

    ALREADY_REACHED = "already-reached"
    NOT_CONTROLLABLE = "not-controllable"  # other people's standing judgement
    MISSING = "missing"  # the data do not hold the figure, so more of it would not show
    NOT_BY_THIS_ALONE = "not-by-this-alone"
    NOT_REACHABLE = "not-reachable"  # not by all that may change together


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """Changes which, carried out together, give `exact`, shown as `score`: the target or a little above.

    effort: doublings of 1 + input, summed over the changes.
    """

    changes: tuple[InputChange, ...]
    exact: float
    score: int
    effort: float


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Why not; with the exact and the shown score that can be reached at most, where that says something."""

    reason: WhyUnreachable
    highest: float | None = None
    highest_score: int | None = None


@dataclass(frozen=True, slots=True)
class Counterfactuals:
    """The answers to "what would have to change for a score of `target`?"

    score, exact: as it stands now.
    singles: one answer for each criterion, in their order; `held_fixed` concerns `least_effort` only.
    """

    target: int
    score: int
    exact: float
    held_fixed: frozenset[Criterion]
    singles: Mapping[Criterion, Counterfactual | Unreachable]
    least_effort: Counterfactual | Unreachable


def counterfactuals(
    card: PointsCard,
    pooled: PooledInputs,
    target: int | None = None,
    held_fixed: Set[Criterion] = frozenset(),
) -> Counterfactuals:
    """Every answer for one shown score, by default five points above the present one.

    Args:
        pooled: inputs pooled on this card.
        held_fixed: what the combination shall leave as it is.

    Raises:
        TargetRefused: the target is no whole number from 1 to 100.
    """
    exact = exact_score(card, pooled)
    score = shown_score(exact)
    target = min(HIGHEST, score + DEFAULT_RISE) if target is None else target
    wanted = least_exact(target)
    singles = {criterion: single(card, pooled, criterion, wanted) for criterion in Criterion}
    alone = {criterion: singles[criterion] for criterion in _advised(pooled, held_fixed)}
    return Counterfactuals(
        target=target,
        score=score,
        exact=exact,
        held_fixed=frozenset(held_fixed),
        singles=singles,
        least_effort=_combined(card, pooled, wanted, alone),
    )


def least_exact(target: int) -> float:
    """The smallest exact score that is shown as a whole number; the scale itself begins at 1.

    Raises:
        TargetRefused: the target is no whole number from 1 to 100.
    """
    if not LOWEST <= target <= HIGHEST or target != int(target):
        raise TargetRefused(f"The target must be a whole number from {LOWEST} to {HIGHEST}.")
    return max(float(LOWEST), target - 0.5)


def single(
    card: PointsCard, pooled: PooledInputs, criterion: Criterion, target: float
) -> Counterfactual | Unreachable:
    """What this criterion alone would have to be for an exact score of `target`."""
    if exact_score(card, pooled) >= target:
        return Unreachable(WhyUnreachable.ALREADY_REACHED)
    if criterion not in CONTROLLABLE:
        return Unreachable(WhyUnreachable.NOT_CONTROLLABLE)
    if pooled.value(criterion) is None:
        return Unreachable(WhyUnreachable.MISSING)
    return _answer(reach(card, pooled, [criterion], target), target, WhyUnreachable.NOT_BY_THIS_ALONE)


def least_effort(
    card: PointsCard, pooled: PooledInputs, target: float, held_fixed: Set[Criterion] = frozenset()
) -> Counterfactual | Unreachable:
    """The changes of least total effort for an exact score of `target`.

    Rounding up may make one change alone cheaper than several; then that one is the answer.
    """
    return _combined(
        card, pooled, target, {one: single(card, pooled, one, target) for one in _advised(pooled, held_fixed)}
    )


def _advised(pooled: PooledInputs, held_fixed: Set[Criterion]) -> list[Criterion]:
    return [one for one in CONTROLLABLE if one not in held_fixed and pooled.value(one) is not None]


def _combined(
    card: PointsCard,
    pooled: PooledInputs,
    target: float,
    alone: Mapping[Criterion, Counterfactual | Unreachable],
) -> Counterfactual | Unreachable:
    if exact_score(card, pooled) >= target:
        return Unreachable(WhyUnreachable.ALREADY_REACHED)
    together = _answer(reach(card, pooled, list(alone), target), target, WhyUnreachable.NOT_REACHABLE)
    found = [one for one in (together, *alone.values()) if isinstance(one, Counterfactual)]
    return min(found, key=lambda one: one.effort, default=together)


def _answer(found: Reached, target: float, otherwise: WhyUnreachable) -> Counterfactual | Unreachable:
    score = shown_score(found.exact)
    if not found.exact >= target:
        return Unreachable(otherwise, found.exact, score)
    return Counterfactual(found.changes, found.exact, score, fsum(one.effort for one in found.changes))


def counterfactuals_to_json(found: Counterfactuals) -> dict[str, Any]:
    """The public JSON form."""
    return {
        "target": found.target,
        "score": found.score,
        "exact": found.exact,
        "held_fixed": [criterion.value for criterion in Criterion if criterion in found.held_fixed],
        "singles": [
            {"criterion": criterion.value, **answer_json(answer)}
            for criterion, answer in found.singles.items()
        ],
        "least_effort": answer_json(found.least_effort),
    }


def answer_json(answer: Counterfactual | Unreachable) -> dict[str, Any]:
    """The public JSON form of one answer."""
    if isinstance(answer, Unreachable):
        return {
            "is_reachable": False,
            "reason": answer.reason.value,
            "highest": answer.highest,
            "highest_score": answer.highest_score,
        }
    return {"is_reachable": True, **asdict(answer), "changes": [asdict(change) for change in answer.changes]}
