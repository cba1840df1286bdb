"""A points card as plain text: `klarwert model card` without a file. The rows are those of card_tables.py."""

from collections.abc import Iterator

from explain.card.tables import CardTables, CurveTable, UnitCell
from model.inputs import Criterion
from model.units import SetBy

_CELL = 16


def card_text(tables: CardTables) -> str:
    """All that anyone needs to recompute a score, and how good the card is, for a terminal or a printer."""
    return "\n".join(_lines(tables)) + "\n"


def _lines(tables: CardTables) -> Iterator[str]:
    yield f"Points card, version {tables.version}"
    yield f"digest {tables.digest}"
    yield ""
    yield from tables.formula
    for curve in tables.curves:
        yield from _curve(curve)
    yield from _units(tables)
    yield ""
    yield from (f"- {assumption}" for assumption in tables.assumptions)
    yield ""
    yield from (f"{row.value:>10.{row.digits}f}  {row.name}" for row in tables.figures)
    yield ""
    yield from (
        f"{row.points:>3} points ahead: judged the more influential with a chance of {row.chance:.0%}"
        for row in tables.leads
    )


def _curve(curve: CurveTable) -> Iterator[str]:
    yield ""
    yield f"{curve.name}: at most {curve.maximum:g} points ({curve.origin})"
    yield f"  {curve.measures}"
    yield f"  {curve.said_origin}"
    if curve.rule:
        yield f"  {curve.rule}"
    yield f"  {'x: ' + curve.counts:>32} {'ln(1 + x)':>10} {'points p':>9} {'slope s':>8}"
    yield from (
        f"  {row.x:>32,.15g} {row.log:>10.4f} {row.points:>9.2f} {row.slope:>8.4f}" for row in curve.rows
    )


def _units(tables: CardTables) -> Iterator[str]:
    yield ""
    yield "Common units for one of a network's own figures; * is matched to published figures"
    yield "  " + " " * 12 + "".join(f"{criterion.value:>{_CELL}}" for criterion in Criterion)
    for row in tables.units:
        yield f"  {row.name:12}" + "".join(f"{_cell(row.cells[one]):>{_CELL}}" for one in Criterion)


def _cell(cell: UnitCell | None) -> str:
    if cell is None:
        return "-"
    mark = "*" if cell.set_by is SetBy.MATCHED else ""
    return f"{cell.figure} {cell.factor:g}{mark}"
