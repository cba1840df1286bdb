"""The tables of the model card: points to recompute a score by, figures, gaps and assumptions, as HTML."""

from collections.abc import Iterable
from html import escape

from explain.card.tables import CardTables, CurveTable
from explain.model_card.cohorts import Gap, Question
from explain.model_card.html import table
from explain.model_card.sensitivity import Sensitivity
from model.inputs import Criterion
from model.units import SetBy


def curve_table(curve: CurveTable) -> str:
    rows = [
        (f"{row.x:,.15g}", f"{row.log:.4f}", f"{row.points:.2f}", f"{row.slope:.4f}") for row in curve.rows
    ]
    rule = f" {escape(curve.rule)}" if curve.rule else ""
    return (
        f'<section class="whole"><h3>{escape(curve.name)}: at most {curve.maximum:g} points</h3>'
        f"<p>{escape(curve.measures)} {escape(curve.said_origin)}{rule}</p>"
        + table(
            (f"x: {curve.counts}", "ln(1 + x)", "points p", "slope s"),
            rows,
            name=f"curve-{curve.criterion}",
            about=f"The curve of {curve.name}",
        )
        + "</section>"
    )


def unit_table(tables: CardTables) -> str:
    heads = ("Network", *(curve.name for curve in tables.curves))
    rows = []
    for row in tables.units:
        cells = [row.cells[criterion] for criterion in Criterion]
        said = [
            f"{cell.figure} {cell.factor:g}{'*' if cell.set_by is SetBy.MATCHED else ''}" if cell else "none"
            for cell in cells
        ]
        rows.append((row.name, *said))
    return table(heads, rows, name="units", about="Common units for one of each network’s own figures")


def figure_table(tables: CardTables) -> str:
    rows = [(row.name, f"{row.value:,.{row.digits}f}") for row in tables.figures]
    return table(("Figure", "Value"), rows, name="figures", about="How good the card is")


def lead_table(tables: CardTables) -> str:
    rows = [(f"{row.points} points", f"{row.chance:.0%}") for row in tables.leads]
    return table(("Ahead by", "Chance to be judged the more influential"), rows, name="leads", about="Leads")


def gap_tables(found: Iterable[Gap]) -> dict[str, str]:
    heads = ("Cohort", "Mean score", "Mean gap", "90 % interval of the mean gap", "Nine in ten creators")
    rows: dict[Question, list[tuple[str, ...]]] = {question: [] for question in Question}
    for gap in found:
        mean, half = gap.mean_gap, gap.half_width
        rows[gap.question].append(
            (
                gap.cohort,
                f"{gap.mean_score:.1f}",
                _signed(mean),
                f"{_signed(mean - half)} to {_signed(mean + half)}",
                f"{_signed(gap.low)} to {_signed(gap.high)}",
            )
        )
    return {
        f"gap_{question}": table(heads, own, name=f"gap-{question}", about=f"Gaps: {question}")
        for question, own in rows.items()
    }


def sensitivity_table(tables: CardTables, found: Iterable[Sensitivity]) -> str:
    names = {row.platform: row.name for row in tables.units}
    rows = [
        (
            "the anchor" if one.network is None else f"the matched factors of {names[one.network]}",
            f"times {one.times:g}",
            _signed(one.mean),
            f"{_signed(one.low)} to {_signed(one.high)}",
        )
        for one in found
    ]
    heads = ("Assumption", "Changed to", "Mean change", "Nine in ten creators")
    return table(heads, rows, name="sensitivity", about="What the assumptions are worth in points")


def _signed(points: float) -> str:
    """One digit with its sign, never −0.0."""
    return f"{points:+.1f}".replace("-", "−") if round(points, 1) else "0.0"
