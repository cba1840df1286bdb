"""The form an offer is made with, as the JSON of its terms and back; what terms must say: offer_terms.py.

A form knows texts and ticks. What cannot be read as a number or a day stays the text that was sent, so that
the one place that judges terms refuses it and the form shows it again. How a post says that it is paid for is
not typed in: the wording comes from the rules of the country.
"""

from collections.abc import Collection, Mapping
from typing import Any

from flask import request

from app.forms import TOKEN_FIELD, FormUnexpected
from model.inputs import Criterion
from perks.label_clause import clauses
from perks.lists import COUNTRIES, LANGUAGES, NICHES
from perks.offer_terms import OFFERABLE, Assurance, Kind
from perks.reading import Flaw, Why
from sources.activity import Platform

WORDED = ("title", "text", "redeem")
PLAIN = ("kind", "payer", "on_behalf_of", "opens_on", "closes_on", "shipper")
NUMBERS = ("quantity", "admits_down_to")
TICKED: Mapping[str, Collection[str]] = {
    "share": [str(field) for field in OFFERABLE],
    "platform": [str(platform) for platform in Platform],
    "country": sorted(COUNTRIES),
    "language": sorted(LANGUAGES),
    "niche": sorted(NICHES),
    "post": [str(platform) for platform in Platform],
}
# Where the flaw of a field shows, if its path is not the field's own name with underscores.
_SHOWN_AT = {
    **{name: f"{name}_en" for name in WORDED},  # where a text is not there at all
    "criteria": "country",
    "criteria.min_points": "points",
    "expected": "post",
    "criteria.min_score": "min_score",
    "criteria.assurance": "assurance",
    "criteria.platforms": "platform",
    "criteria.countries": "country",
    "criteria.languages": "language",
    "criteria.niches": "niche",
    "expected.platforms": "post",
    "expected.within_days": "within_days",
    "shares": "share",
    "value.cents": "value",
    "value.currency": "currency",
}


def field_names() -> frozenset[str]:
    """Every field of the form."""
    worded = [f"{name}_{language}" for name in WORDED for language in ("en", "de")]
    ticked = [f"{group}_{value}" for group, values in TICKED.items() for value in values]
    points = [f"points_{criterion}" for criterion in Criterion]
    others = ("min_score", "assurance", "within_days", "value", "currency")
    return frozenset([*worded, *PLAIN, *NUMBERS, *ticked, *points, *others])


def read_offer_form() -> dict[str, Any]:
    """The sent form as the JSON of an offer's terms.

    Raises:
        FormUnexpected: an unknown or a repeated field.
    """
    sent = {name: values for name, values in request.form.lists() if name != TOKEN_FIELD}
    if not sent.keys() <= field_names() or any(len(values) > 1 for values in sent.values()):
        raise FormUnexpected
    return _terms({name: values[0].strip() for name, values in sent.items()})


def values_of(raw: Mapping[str, Any]) -> dict[str, str]:
    """The form's values for the JSON of an offer's terms."""
    criteria, expected, value = (raw.get(name) or {} for name in ("criteria", "expected", "value"))
    values = {
        f"{name}_{language}": text for name in WORDED for language, text in (raw.get(name) or {}).items()
    }
    values |= {name: raw.get(name) for name in (*PLAIN, *NUMBERS)}
    values |= {name: criteria.get(name) for name in ("min_score", "assurance")}
    values |= {f"points_{name}": points for name, points in (criteria.get("min_points") or {}).items()}
    values |= {"within_days": expected.get("within_days"), "currency": value.get("currency")}
    values["value"] = _amount(value.get("cents"))
    return {name: "" if one is None else str(one) for name, one in values.items()} | _ticks(raw)


def flawed_fields(flaws: Collection[Flaw], *, with_missing: bool) -> dict[str, str]:
    """Where in the form something is wrong, and what: `missing` or `unusable`."""
    found: dict[str, str] = {}
    for flaw in flaws:
        if with_missing or flaw.why is not Why.MISSING:
            found.setdefault(field_of(flaw.field), str(flaw.why))
    return found


def field_of(path: str) -> str:
    """The form's field for a path of the terms."""
    if path.startswith("label"):
        return "post"
    if path.startswith("criteria.min_points."):
        return "points_" + path.rpartition(".")[2]
    return _SHOWN_AT.get(path, path.replace(".", "_"))


def _terms(sent: Mapping[str, str]) -> dict[str, Any]:
    ticked = {
        group: [each for each in values if f"{group}_{each}" in sent] for group, values in TICKED.items()
    }
    points = {str(each): _number(sent.get(f"points_{each}", "")) for each in Criterion}
    expected = {"platforms": ticked["post"], "within_days": _number(sent.get("within_days", ""))}
    return {
        **{name: {each: sent.get(f"{name}_{each}", "") for each in ("en", "de")} for name in WORDED},
        **{name: sent.get(name, "") for name in PLAIN},
        **{name: _number(sent.get(name, "")) for name in NUMBERS},
        "shipper": (sent.get("shipper") or None) if sent.get("kind") == Kind.SAMPLE else None,
        "expected": expected if ticked["post"] else None,
        "label": clauses(ticked["post"], ticked["country"]),
        "criteria": {
            "min_score": _number(sent.get("min_score", "")),
            "min_points": {name: value for name, value in points.items() if value is not None},
            "platforms": ticked["platform"],
            "countries": ticked["country"],
            "languages": ticked["language"],
            "niches": ticked["niche"],
            "assurance": sent.get("assurance") or str(Assurance.ANY),
        },
        "shares": ticked["share"],
        "value": {"cents": _cents(sent.get("value", "")), "currency": sent.get("currency", "")},
    }


def _ticks(raw: Mapping[str, Any]) -> dict[str, str]:
    criteria, expected = raw.get("criteria") or {}, raw.get("expected") or {}
    chosen = {
        "share": raw.get("shares"),
        "platform": criteria.get("platforms"),
        "country": criteria.get("countries"),
        "language": criteria.get("languages"),
        "niche": criteria.get("niches"),
        "post": expected.get("platforms"),
    }
    return {f"{group}_{each}": "on" for group, values in chosen.items() for each in values or ()}


def _number(text: str) -> int | str | None:
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


def _cents(text: str) -> int | str | None:
    """Hundredths of an amount that may be written with a point or a comma."""
    if not text:
        return None
    units, _, hundredths = text.replace(",", ".").partition(".")
    is_amount = units.isascii() and units.isdigit() and len(units) < 8 and len(hundredths) <= 2
    if not is_amount or (hundredths and not hundredths.isdigit()):
        return text
    return int(units) * 100 + int(hundredths.ljust(2, "0") or 0)


def _amount(cents: object) -> object:
    return f"{cents // 100}.{cents % 100:02d}" if isinstance(cents, int) else cents
