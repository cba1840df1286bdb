"""The points card for everybody: as a page to print and recompute by, and as the file itself.

The card in force, the announced one, and every earlier one under its digest: a score names the card it was
computed with, so whoever holds a score finds the card to it. Its words and rows: explain/card/tables.py.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from app.card_file import card_file, schema_file
from app.current import house
from app.curve_chart import CurveDrawing, draw_curve
from app.language import language, number
from explain.card.example import WorkedExample, worked_example
from explain.card.tables import CardTables, CurveTable, card_tables
from model.card import PointsCard
from model.release import ReleaseView, active_card, active_release, find_card, releases, upcoming
from vault.desk import Vault

pages = Blueprint("card", __name__)

DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class CurvePart:
    """One criterion's table and its drawing."""

    table: CurveTable
    drawing: CurveDrawing


@dataclass(frozen=True)
class Releases:
    """Every release, newest first; which one is in force, and which one is announced."""

    every: tuple[ReleaseView, ...]
    active: ReleaseView | None
    ahead: ReleaseView | None


@dataclass(frozen=True)
class CardPage:
    """Everything the page shows."""

    tables: CardTables
    parts: tuple[CurvePart, ...]
    example: WorkedExample
    releases: Releases


@pages.get("/card")
def show() -> ResponseReturnValue:
    with house().open_reading_vault() as vault:
        card, known = active_card(vault), _releases(vault)
    return _rendered(card, known)


@pages.get("/card/<digest>")
def show_released(digest: str) -> ResponseReturnValue:
    with house().open_reading_vault() as vault:
        card, known = _require_card(vault, digest), _releases(vault)
    return _rendered(card, known)


@pages.get("/card.json")
def send_card() -> ResponseReturnValue:
    with house().open_reading_vault() as vault:
        card = active_card(vault)
    return card_file(card).make_conditional(request)


@pages.get("/card/<digest>.json")
def send_released(digest: str) -> ResponseReturnValue:
    with house().open_reading_vault() as vault:
        card = _require_card(vault, digest)
    return card_file(card).make_conditional(request)


@pages.get("/card.schema.json")
def send_schema() -> ResponseReturnValue:
    return schema_file()


@pages.app_template_filter("plain")
def plain(value: float) -> str:
    """A number with exactly the digits it has: 4,000 and 0.003."""
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return number(value, max(0, -exponent) if isinstance(exponent, int) else 0)


def _require_card(vault: Vault, digest: str) -> PointsCard:
    card = find_card(vault, digest) if DIGEST.fullmatch(digest) else None
    return card if card is not None else abort(404)


def _releases(vault: Vault) -> Releases:
    return Releases(releases(vault), active_release(vault), upcoming(vault))


def _rendered(card: PointsCard, known: Releases) -> str:
    tables = card_tables(card, language())
    most = max(table.maximum for table in tables.curves)
    parts = tuple(
        CurvePart(table, draw_curve([row.x for row in table.rows], [row.points for row in table.rows], most))
        for table in tables.curves
    )
    page = CardPage(tables, parts, worked_example(card, language()), known)
    return render_template("card.html", page=page)
