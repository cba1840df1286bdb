"""What the two invented brands of a demo offer, whole but for the draft, and offered before; pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from perks.brand import NewBrand
from perks.label_clause import clauses

MILL = NewBrand(
    slug="hafenmuehle",
    name="Hafenmühle",
    domain="hafenmuehle.example",
    contact="creators@hafenmuehle.example",
    country="DE",
    notices_url="https://hafenmuehle.example/klarwert",
)
BAGMAKER = NewBrand(
    slug="weitwind",
    name="Weitwind",
    domain="weitwind.example",
    contact="creators@weitwind.example",
    country="AT",
    notices_url="https://weitwind.example/klarwert",
)
_NETWORKS = ("mastodon", "x")
_COUNTRIES = ("AT", "DE")


def rye(opens_on: date, closes_on: date) -> dict[str, Any]:
    """A discount of some months ago."""
    return _terms(
        MILL,
        opens_on,
        closes_on,
        kind="discount",
        title=_said("Rye for less", "Roggen für weniger"),
        text=_said(
            "Five kilos of rye flour at two thirds of the price.",
            "Fünf Kilo Roggenmehl zu zwei Dritteln des Preises.",
        ),
        redeem=_said("Enter the code when you order.", "Den Code bei der Bestellung eingeben."),
        criteria=_criteria(countries=["DE"], niches=["baking"]),
        quantity=60,
        shares=["display-name", "niches"],
        value={"cents": 500, "currency": "EUR"},
    )


def lights(opens_on: date, closes_on: date) -> dict[str, Any]:
    """A voucher of some weeks ago."""
    return _terms(
        BAGMAKER,
        opens_on,
        closes_on,
        kind="voucher",
        title=_said("A light for dark roads", "Ein Licht für dunkle Wege"),
        text=_said(
            "A rear light that clips to every bag of ours; a gift, with nothing expected.",
            "Ein Rücklicht, das an jede unserer Taschen passt; ein Geschenk, für das nichts erwartet wird.",
        ),
        redeem=_said(
            "Enter the code at https://weitwind.example/light.",
            "Den Code eingeben auf https://weitwind.example/light.",
        ),
        criteria=_criteria(countries=["DE"], niches=["cycling"]),
        quantity=60,
        shares=["display-name", "niches"],
        value={"cents": 2900, "currency": "EUR"},
    )


def flour(opens_on: date, closes_on: date) -> dict[str, Any]:
    """A sample that the mill sends itself; nothing is expected."""
    return _terms(
        MILL,
        opens_on,
        closes_on,
        kind="sample",
        title=_said("Flour for a month", "Mehl für einen Monat"),
        text=_said(
            "Three kilos of stone-ground flour, with our recipes. Bake what you like; we expect nothing.",
            "Drei Kilo Mehl vom Mahlstein, mit unseren Rezepten. Backen Sie, was Sie möchten; dafür wird "
            "nichts erwartet.",
        ),
        redeem=_said("The parcel comes within a week.", "Das Paket kommt innerhalb einer Woche."),
        criteria=_criteria(countries=["DE"], niches=["baking", "cooking"]),
        quantity=40,
        shares=["display-name", "niches"],
        shipper=MILL.slug,
        value={"cents": 900, "currency": "EUR"},
    )


def bags(opens_on: date, closes_on: date) -> dict[str, Any]:
    """A voucher for which a post is expected, with a line that a person may be let in below."""
    return _terms(
        BAGMAKER,
        opens_on,
        closes_on,
        kind="voucher",
        title=_said("A pannier for a long road", "Eine Radtasche für weite Wege"),
        text=_said(
            "A waterproof bag of 20 litres, sewn in Graz. Take it along and show in one post how it held.",
            "Eine wasserdichte Tasche mit 20 Litern, in Graz genäht. Nehmen Sie sie mit und zeigen Sie in "
            "einem Beitrag, wie sie gehalten hat.",
        ),
        redeem=_said(
            "Enter the code at https://weitwind.example/bag.",
            "Den Code eingeben auf https://weitwind.example/bag.",
        ),
        expected={"platforms": list(_NETWORKS), "within_days": 21},
        label=clauses(_NETWORKS, _COUNTRIES),
        criteria=_criteria(min_score=35, countries=list(_COUNTRIES)),
        admits_down_to=25,
        quantity=12,
        shares=["display-name", "handles", "score-band"],
        value={"cents": 8900, "currency": "EUR"},
    )


def breakfast(opens_on: date, closes_on: date) -> dict[str, Any]:
    """A discount, looked through and not yet published."""
    return _terms(
        MILL,
        opens_on,
        closes_on,
        kind="discount",
        title=_said("Breakfast at half the price", "Frühstück zum halben Preis"),
        text=_said(
            "Bread, butter and a view of the harbour, for two.",
            "Brot, Butter und Blick auf den Hafen, für zwei.",
        ),
        redeem=_said("Show the code at the counter.", "Den Code an der Theke zeigen."),
        criteria=_criteria(countries=["DE"], languages=["de"]),
        quantity=30,
        value={"cents": 1400, "currency": "EUR"},
    )


def tour(opens_on: date, closes_on: date) -> dict[str, Any]:
    """An invitation that is still being written: who it is for and what is given is there, no more."""
    whole = _terms(
        BAGMAKER,
        opens_on,
        closes_on,
        kind="invitation",
        title=_said("Two days along the Mur", "Zwei Tage an der Mur"),
        criteria=_criteria(countries=["AT"], niches=["cycling"]),
        quantity=8,
    )
    return {name: value for name, value in whole.items() if name not in ("text", "redeem", "value")}


def _terms(brand: NewBrand, opens_on: date, closes_on: date, **more: Any) -> dict[str, Any]:
    return {
        "payer": brand.name,
        "on_behalf_of": brand.name,
        "expected": None,
        "label": [],
        "admits_down_to": None,
        "opens_on": opens_on.isoformat(),
        "closes_on": closes_on.isoformat(),
        "shares": [],
        "shipper": None,
        **more,
    }


def _said(english: str, german: str) -> Mapping[str, str]:
    return {"en": english, "de": german}


def _criteria(**more: Any) -> dict[str, Any]:
    return {
        "min_score": None,
        "min_points": {},
        "platforms": [],
        "countries": [],
        "languages": [],
        "niches": [],
        "assurance": "any",
        **more,
    }
