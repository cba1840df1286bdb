"""The model card as one HTML file: what the points card is for, how good it is, and where its limits lie.

Self-contained: figures are data URIs, the style is in the page, nothing is loaded from anywhere. Well-formed
XML too, so that any parser can check it. Every number comes from the card, from what it scores, or from
synthetic creators; the prose is templates/model-card.html. The same card and creators give the same bytes.
Imports shap and matplotlib by way of its figures: only the command line and the tests load it.
"""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template

from explain.attribution import attribute, background_of, shown_parts
from explain.card.tables import CardTables, CurveTable, card_tables
from explain.model_card.cohorts import gaps
from explain.model_card.figures import beeswarm, dependence
from explain.model_card.html import bullets, figure, paragraphs, table
from explain.model_card.sensitivity import sensitivities
from explain.model_card.tables import (
    curve_table,
    figure_table,
    gap_tables,
    lead_table,
    sensitivity_table,
    unit_table,
)
from explain.population import PEOPLE, SEED, SHARED_VARIANCE, Creator, draw_creators
from explain.shapley.plots import waterfall_image
from explain.wording import Language
from model.card import FOLLOWERS_TENFOLD_POINTS, PointsCard
from model.errors import CardRefused
from model.inputs import Criterion, platform_inputs
from model.scoring import exact_score, shown_score
from model.units import pool
from sources.activity import ActivityRecord

TEMPLATE = Path(__file__).with_name("templates") / "model-card.html"
DRAWN = 300  # of the synthetic creators, as dots
Records = Mapping[str, Sequence[ActivityRecord]]


def model_card(card: PointsCard, examples: Records) -> bytes:
    """The whole page.

    Args:
        examples: records of people who do not exist, by what they are called; each is explained on its own.
    """
    tables, creators = card_tables(card, Language.EN), draw_creators(card)
    page = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        _facts(card, tables),
        formula=paragraphs(tables.formula),
        curves="".join(map(curve_table, tables.curves)),
        units=unit_table(tables),
        assumptions=bullets(tables.assumptions),
        figures=figure_table(tables),
        leads=lead_table(tables),
        population=_population(card, tables, creators),
        examples="".join(_example(card, tables, name, records) for name, records in examples.items()),
        sensitivity=sensitivity_table(tables, sensitivities(card, creators)),
        **gap_tables(gaps(card, creators)),
    )
    return page.encode()


def _facts(card: PointsCard, tables: CardTables) -> dict[str, str]:
    try:
        training = _provenance(card)
    except (AttributeError, KeyError, TypeError, ValueError) as lacking:
        raise CardRefused(
            "The points card does not say what it was trained on, so no model card can be made of it."
        ) from lacking
    return {name: escape(str(fact)) for name, fact in (training | _card_facts(card, tables)).items()}


def _provenance(card: PointsCard) -> dict[str, object]:
    training = card.document["training"]
    return {
        "accounts": f"{training['accounts']:,}",
        "pairs": f"{training['pairs']:,}",
        "data_digest": training["sha256"],
        "data_file": training["file"],
        "seed": training["seed"],
        "libraries": ", ".join(f"{name} {version}" for name, version in training["libraries"].items()),
        "refits": training["refits"],
        "splits": card.document["evaluation"]["splits"],
        "per_week": f"{training['columns'][Criterion.CONVERSATION]['per_unit']:g}",
    }


def _card_facts(card: PointsCard, tables: CardTables) -> dict[str, object]:
    return {
        "version": tables.version,
        "digest": tables.digest,
        "settled_posts": card.settled_posts,
        "tenfold": f"{FOLLOWERS_TENFOLD_POINTS:g}",
        "people": f"{PEOPLE:,}",
        "people_seed": SEED,
        "shared_variance": f"{SHARED_VARIANCE:g}",
        "drawn": DRAWN,
        "consistency_points": f"{card.curves[Criterion.CONSISTENCY].maximum:g}",
        "reference_rows": len(card.reference[Criterion.AUDIENCE]),
        "reference_mean": f"{card.base + sum(background_of(card).means.values()):.2f}",
    }


def _population(card: PointsCard, tables: CardTables, creators: Sequence[Creator]) -> str:
    rows = [creator.values for creator in creators[:DRAWN]]
    names = {curve.criterion: curve.name for curve in tables.curves}
    swarm = figure(
        beeswarm(card, rows, names),
        f"Six lines of {len(rows)} dots, one line per criterion, from fewer to more points than the mean of "
        "the reference population; in every line higher inputs lie further to the right.",
        f"{len(rows)} synthetic creators against the reference population, criterion by criterion.",
    )
    alone = "".join(_dependence(card, rows, curve) for curve in tables.curves)
    return f'{swarm}<div class="pairs">{alone}</div>'


def _dependence(card: PointsCard, rows: Sequence[Mapping[Criterion, float]], curve: CurveTable) -> str:
    return figure(
        dependence(card, rows, curve.criterion, curve.counts),
        f"{curve.name}: points earned over {curve.counts}, rising from 0 to {curve.maximum:g} points at "
        f"{_flat_from(curve):,.15g} and flat beyond; every dot lies on the curve of the table.",
        f"{curve.name}: points earned, by input.",
    )


def _flat_from(curve: CurveTable) -> float:
    return next(row.x for row in curve.rows if row.points == curve.maximum)


def _example(card: PointsCard, tables: CardTables, name: str, records: Sequence[ActivityRecord]) -> str:
    pooled = pool([platform_inputs(record) for record in records], card.units)
    attribution, exact = attribute(card, pooled, background_of(card)), exact_score(card, pooled)
    points = [attribution.earned.values[criterion] for criterion in Criterion]
    shown = shown_parts(points, round(exact - card.base, 2), digits=2)
    inputs = [pooled.value(criterion) for criterion in Criterion]
    rows = [
        (curve.name, "missing" if x is None else f"{_plain(x)} {curve.counts}", f"{part:.2f}")
        for curve, x, part in zip(tables.curves, inputs, shown, strict=True)
    ]
    names = {row.platform: row.name for row in tables.units}
    networks = " and ".join(f"an archive of {names[one.platform]}" for one in pooled.networks)
    score = shown_score(exact)
    missing = [curve.name for curve, x in zip(tables.curves, inputs, strict=True) if x is None]
    return (
        f"<section><h3>{escape(name.capitalize())}: {score}</h3>"
        f"<p>An invented creator: {escape(networks)}. "
        f"{card.base:g} + {exact - card.base:.2f} = {exact:.2f}, shown as {score}.</p>"
        + table(("Criterion", "Input", "Points"), rows, name=f"example-{name}", about=f"The points of {name}")
        + figure(
            waterfall_image(attribution, Language.EN, "svg"),
            f"From the reference population’s mean of {attribution.comparison.base_value:.2f} to this score "
            f"of {exact:.2f}; each step is the table’s points less the reference’s mean. "
            + (f"Missing: {', '.join(missing)}." if missing else "Nothing is missing."),
            f"{name.capitalize()} compared with the reference population.",
        )
        + "</section>"
    )


def _plain(x: float) -> str:
    """At most two digits, none where there is nothing to say."""
    return f"{x:,.2f}".rstrip("0").rstrip(".")
