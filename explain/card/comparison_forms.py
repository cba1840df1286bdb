"""A comparison of two cards as JSON and as plain text, for `klarwert model compare`."""

from collections.abc import Iterator
from typing import Any

from explain.card.comparison import CardComparison, CurveChange, ScoreChanges, UnitChange
from model.card import PointsCard
from model.units import Unit


def comparison_to_json(comparison: CardComparison) -> dict[str, Any]:
    """The JSON form."""
    return {
        "same": comparison.is_same,
        "old": _card_json(comparison.old),
        "new": _card_json(comparison.new),
        "criteria": [
            {
                "name": one.criterion.value,
                "max_points": [one.old_maximum, one.new_maximum],
                "largest_rise": {"points": one.rise.points, "x": one.rise.x},
                "largest_fall": {"points": one.fall.points, "x": one.fall.x},
            }
            for one in comparison.curves
        ],
        "units": [
            {
                "network": one.platform.value,
                "criterion": one.criterion.value,
                "old": _unit_json(one.old),
                "new": _unit_json(one.new),
            }
            for one in comparison.units
        ],
        "seed": comparison.seed,
        "changes": [
            {
                "seen": one.seen,
                "people": one.people,
                "mean": one.mean,
                "quantiles": {f"{level:g}": value for level, value in one.quantiles.items()},
                "within": {str(points): share for points, share in one.within.items()},
            }
            for one in comparison.changes
        ],
    }


def _card_json(card: PointsCard) -> dict[str, Any]:
    return {
        "digest": card.digest,
        "version": card.version,
        "units_version": card.units.version,
        "points_per_logit": card.points_per_logit,
        "evaluation": dict(card.document.get("evaluation", {})),
    }


def _unit_json(unit: Unit | None) -> dict[str, Any] | None:
    if unit is None:
        return None
    return {"figure": unit.figure.value, "factor": unit.factor, "set_by": unit.set_by.value}


def comparison_text(comparison: CardComparison) -> str:
    """The same for a terminal: figures side by side, old to the left."""
    return "\n".join(_lines(comparison)) + "\n"


def _lines(comparison: CardComparison) -> Iterator[str]:
    old, new = _card_json(comparison.old), _card_json(comparison.new)
    if comparison.is_same:
        yield "Both are the same card."
    yield f"{'':24} {'old':>20} {'new':>20}"
    for name in ("digest", "version", "units_version", "points_per_logit"):
        yield _side_by_side(name, str(old[name])[:16], str(new[name])[:16])
    for name in sorted({*old["evaluation"], *new["evaluation"]}):
        yield _side_by_side(name, old["evaluation"].get(name, "-"), new["evaluation"].get(name, "-"))
    yield ""
    yield f"{'points at most':24} {'old':>20} {'new':>20}   largest rise and fall of the curve"
    yield from map(_curve_line, comparison.curves)
    yield ""
    yield "Units: nothing changes." if not comparison.units else "Units:"
    yield from map(_unit_line, comparison.units)
    for changes in comparison.changes:
        yield ""
        yield from _change_lines(changes, comparison.seed)


def _side_by_side(name: str, old: object, new: object) -> str:
    return f"{name:24} {old!s:>20} {new!s:>20}"


def _curve_line(one: CurveChange) -> str:
    moved = ", ".join(
        f"{extreme.points:+.2f} at {extreme.x:,.15g}" for extreme in (one.rise, one.fall) if extreme.points
    )
    return (
        f"{one.criterion.value:24} {one.old_maximum:>20.2f} {one.new_maximum:>20.2f}   {moved or 'the same'}"
    )


def _unit_line(one: UnitChange) -> str:
    return f"  {one.platform.value} {one.criterion.value}: {_said(one.old)} -> {_said(one.new)}"


def _said(unit: Unit | None) -> str:
    return "none" if unit is None else f"{unit.figure.value} {unit.factor:g} ({unit.set_by.value})"


def _change_lines(changes: ScoreChanges, seed: int) -> Iterator[str]:
    yield f"New score minus old, {changes.people:,} synthetic creators (seed {seed}), {changes.seen}:"
    yield f"  mean {changes.mean:+.2f}"
    yield "  quantiles " + ", ".join(
        f"{level:.0%} {value:+.2f}" for level, value in changes.quantiles.items()
    )
    within = {
        f"within {points}" if points else "unchanged": share for points, share in changes.within.items()
    }
    yield "  shown score " + ", ".join(f"{name} {share:.1%}" for name, share in within.items())
