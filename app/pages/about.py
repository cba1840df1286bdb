"""The privacy notice, generated from what every table declares about itself (GDPR Art. 13)."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.current import house
from app.language import day
from app.tables import DATA, KEYS
from rights.transparency import transparency
from vault.epoch import erasure_horizon
from vault.holding import Holding
from vault.holdings import data_tables, holding_of, key_tables

pages = Blueprint("about", __name__)


def declared() -> dict[str, Holding]:
    """What each table declares, by the first table that says it: several may say the same."""
    held = {table.__tablename__: holding_of(table) for table in data_tables()}
    held |= {table.__tablename__: holding_of(table) for table in key_tables()}
    if held.keys() != {*DATA.tables, *KEYS.tables}:
        raise RuntimeError("A table is not mapped, so nothing is known about what it holds.")
    first = {held[name].what: name for name in sorted(held, reverse=True)}
    return {name: held[name] for name in sorted(first.values())}


@pages.get("/transparency")
def show_transparency() -> ResponseReturnValue:
    with house().open_reading_vault("system") as vault:
        figures = transparency(vault)
    return render_template("transparency.html", figures=figures)


@pages.get("/privacy")
def show_privacy() -> ResponseReturnValue:
    days = house().config.kek_days
    copies = {"days": days, "day": day(erasure_horizon(house().clock(), days))}
    return render_template("privacy.html", holdings=declared(), copies=copies)
