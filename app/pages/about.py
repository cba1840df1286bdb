"""What everybody may read: the notices of Art. 13 and 14, what tables declare, the report in numbers."""

import json
from datetime import date
from typing import Any

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from app.current import house
from app.documents import notice_for
from app.language import day, language
from app.tables import DATA, KEYS
from rights.documents.public_notice import Audience
from rights.transparency import transparency
from vault.epoch import erasure_horizon
from vault.holding import Holding
from vault.holdings import data_tables, holding_of, key_tables

pages = Blueprint("about", __name__)
HEEDED_SINCE = date(2026, 11, 25)


def declared() -> dict[str, Holding]:
    """What each table declares, by the first table that says it: several may say the same."""
    held = {table.__tablename__: holding_of(table) for table in data_tables()}
    held |= {table.__tablename__: holding_of(table) for table in key_tables()}
    if held.keys() != {*DATA.tables, *KEYS.tables}:
        raise RuntimeError("A table is not mapped, so nothing is known about what it holds.")
    first = {held[name].what: name for name in sorted(held, reverse=True)}
    return {name: held[name] for name in sorted(first.values())}


@pages.get("/.well-known/gpc.json")
def show_signal_support() -> ResponseReturnValue:
    """That a browser's wish not to share is heeded (W3C Global Privacy Control, section 4)."""
    said = {"gpc": True, "lastUpdate": HEEDED_SINCE.isoformat()}
    return Response(json.dumps(said), mimetype="application/json")


@pages.get("/transparency")
def show_transparency() -> ResponseReturnValue:
    with house().open_reading_vault("system") as vault:
        figures = transparency(vault)
    return render_template("transparency.html", figures=figures)


@pages.get("/privacy")
def show_privacy() -> ResponseReturnValue:
    days = house().config.kek_days
    copies = {"days": days, "day": day(erasure_horizon(house().clock(), days))}
    return _notice(Audience.PRIVACY, holdings=declared(), copies=copies)


@pages.get("/privacy/young-people")
def show_minors() -> ResponseReturnValue:
    return _notice(Audience.MINORS)


@pages.get("/people-in-archives")
def show_archives() -> ResponseReturnValue:
    return _notice(Audience.ARCHIVES)


def _notice(audience: Audience, **beside: Any) -> str:
    notice = notice_for(audience, language(), house().config.controller)
    others = [one for one in Audience if one is not audience]
    return render_template("privacy.html", notice=notice, others=others, **beside)
