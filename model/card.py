"""The points card: one file of canonical JSON (RFC 8785) that holds everything a score rests on.

    schema, version, digest   digest = SHA-256 of the canonical bytes of the card without this field
    base, criteria            1 plus six curves whose maxima sum to exactly 99
    units                     the unit table, and the assumed anchor of the training data's own unit
    reference                 a synthetic background for "compared with": no row of it is an account
    band                      the same curves from bootstrap refits, and when a window counts as settled
    probability, training, evaluation   what the points mean, where they come from, how good they are

Points are whole hundredths, so that "sums to 99" is exact. A card that breaks one promise is not used.
What of this a JSON Schema can state: card.schema.json, for those who read a card without this file.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import fsum, isfinite
from pathlib import Path
from typing import Any

import rfc8785

from model.curve import Curve, Origin
from model.errors import CardRefused
from model.inputs import Criterion
from model.units import Figure, SetBy, Unit, UnitTable
from sources.activity import Platform

SCHEMA = "klarwert-points-card/2"
COMMITTED_CARD = Path(__file__).with_name("card.json")
BASE = 1.0
FULL_POINTS = 99
FOLLOWERS_TENFOLD_POINTS = 5.0
STATED = ("auc_mean", "auc_sd", "log_loss", "slope", "ece")  # the figures a card states about itself

Row = Sequence[float | None]  # one input per criterion in common units, in the order of `Criterion`
RowPoints = Callable[[Row], tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class PointsCard:
    """A points card that was checked: curves, units, background and band vectors.

    What every score needs is made once, here: `points_of`, the points of a row of six inputs, and
    `reference_means`, the mean points of each criterion over the reference.
    """

    digest: str
    version: str
    base: float
    curves: Mapping[Criterion, Curve]
    units: UnitTable
    reference: Mapping[Criterion, tuple[float, ...]]
    replicates: Mapping[Criterion, tuple[tuple[float, ...], ...]]
    band_level: float
    settled_posts: int
    points_per_logit: float
    document: Mapping[str, Any]
    points_of: RowPoints = field(init=False, repr=False, compare=False)
    reference_means: Mapping[Criterion, float] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "points_of", _compiled(self.curves))
        object.__setattr__(self, "reference_means", _means(self.curves, self.reference))

    def points(self, criterion: Criterion, x: float | None) -> float:
        """Points for an input in common units; a missing input earns none."""
        return self.curves[criterion].points(x)


def _compiled(curves: Mapping[Criterion, Curve]) -> RowPoints:
    """The six curves as one function; written out, because a loop costs half as much again."""
    audience, recognition, conversation, amplification, appreciation, consistency = (
        curves[criterion].points for criterion in Criterion
    )

    def points_of(row: Row) -> tuple[float, ...]:
        followers, lists, replies, reshares, likes, weeks = row
        return (
            audience(followers),
            recognition(lists),
            conversation(replies),
            amplification(reshares),
            appreciation(likes),
            consistency(weeks),
        )

    return points_of


def _means(
    curves: Mapping[Criterion, Curve], reference: Mapping[Criterion, tuple[float, ...]]
) -> Mapping[Criterion, float]:
    """Mean points over the reference's rows; every row weighs the same."""
    return {
        criterion: fsum(map(curves[criterion].points, rows)) / len(rows)
        for criterion, rows in reference.items()
    }


def load_card(path: Path | None = None) -> PointsCard:
    """Read and check a points card, by default the committed one.

    Raises:
        CardRefused: not JSON, an unknown schema, another digest, or a broken promise.
    """
    return _committed() if path is None else card_from_bytes(path.read_bytes())


@cache
def _committed() -> PointsCard:
    if not COMMITTED_CARD.is_file():
        raise CardRefused("The points card that belongs to this version is missing.")
    return card_from_bytes(COMMITTED_CARD.read_bytes())


def card_from_bytes(content: bytes) -> PointsCard:
    """Check a card given as JSON bytes."""
    try:
        document = json.loads(content)
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            raise CardRefused(f"The points card does not follow the schema “{SCHEMA}”.")
        if document.get("digest") != digest_of(document):
            raise CardRefused("The points card does not have the digest it names.")
        return _checked(document)
    except (KeyError, TypeError, ValueError, RecursionError, rfc8785.CanonicalizationError) as broken:
        raise CardRefused("The points card is not complete or not canonical JSON.") from broken


def content_of(card: PointsCard) -> bytes:
    """The canonical bytes of a card that was checked, its digest in it."""
    if card.digest not in _CONTENTS:
        _CONTENTS[card.digest] = rfc8785.dumps(dict(card.document))
    return _CONTENTS[card.digest]


_CONTENTS: dict[str, bytes] = {}  # by digest: a card or two in a process, made for whoever asks first


def canonical_card(document: Mapping[str, Any]) -> bytes:
    """The canonical bytes of a card, its digest added."""
    return rfc8785.dumps({**document, "digest": digest_of(document)})


def digest_of(document: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in document.items() if key != "digest"}
    return hashlib.sha256(rfc8785.dumps(rest)).hexdigest()


def _checked(document: Mapping[str, Any]) -> PointsCard:
    curves = {row.criterion: row for row in map(_curve, document["criteria"])}
    _check_promises(document, curves)
    _floats([document["evaluation"][figure] for figure in STATED])
    band = document["band"]
    if len({len(refits) for refits in band["points"].values()}) > 1:
        raise CardRefused("The points card's band has curves from unequal numbers of refits.")
    return PointsCard(
        digest=document["digest"],
        version=document["version"],
        base=BASE,
        curves={criterion: curves[criterion] for criterion in Criterion},
        units=_units(document["units"]),
        reference=_reference(document["reference"]["inputs"]),
        replicates={criterion: _replicates(band["points"], curves[criterion]) for criterion in Criterion},
        band_level=_positive(band["level"]),
        settled_posts=int(_positive(band["settled_posts"])),
        points_per_logit=_positive(document["probability"]["points_per_logit"]),
        document=document,
    )


def _curve(row: Mapping[str, Any]) -> Curve:
    return Curve.through(
        Criterion(row["name"]), Origin(row["origin"]), _floats(row["knots"]), _floats(row["points"])
    )


def _check_promises(document: Mapping[str, Any], curves: Mapping[Criterion, Curve]) -> None:
    if set(curves) != set(Criterion) or len(document["criteria"]) != len(Criterion):
        raise CardRefused("The points card does not have each criterion exactly once.")
    hundredths = [round(100 * curve.maximum) for curve in curves.values()]
    if document["base"] != BASE or sum(hundredths) != 100 * FULL_POINTS:
        raise CardRefused(f"The points card's maxima do not sum to {FULL_POINTS} over a base of 1.")
    if any(round(100 * value) / 100 != value for curve in curves.values() for value in curve.values):
        raise CardRefused("The points card holds points that are not whole hundredths.")
    if curves[Criterion.AUDIENCE].steepest_decade() > FOLLOWERS_TENFOLD_POINTS:
        raise CardRefused(f"Ten times the followers would earn over {FOLLOWERS_TENFOLD_POINTS:.0f} points.")


def _floats(numbers: list[float]) -> tuple[float, ...]:
    if not all(type(number) in (int, float) for number in numbers):
        raise CardRefused("The points card holds something else where a number belongs.")
    floats = tuple(map(float, numbers))
    if not all(isfinite(number) and number >= 0 for number in floats):
        raise CardRefused("The points card holds a number that is negative or not finite.")
    return floats


def _positive(number: float) -> float:
    (positive,) = _floats([number])
    if positive == 0:
        raise CardRefused("The points card holds a 0 where a positive number belongs.")
    return positive


def _reference(inputs: Mapping[str, list[float]]) -> Mapping[Criterion, tuple[float, ...]]:
    reference = {criterion: _floats(inputs[criterion]) for criterion in Criterion}
    if {len(column) for column in reference.values()} != {len(reference[Criterion.AUDIENCE]) or 1}:
        raise CardRefused("The points card's reference does not have the same rows for every criterion.")
    return reference


def _units(table: Mapping[str, Any]) -> UnitTable:
    networks = {
        Platform(name): {Criterion(criterion): _unit(unit) for criterion, unit in row.items()}
        for name, row in table["networks"].items()
    }
    if not all(networks.values()):
        raise CardRefused("The unit table names a network without any figure.")
    return UnitTable(int(table["version"]), networks)


def _unit(unit: Mapping[str, Any]) -> Unit:
    return Unit(Figure(unit["figure"]), _positive(unit["factor"]), SetBy(unit["set_by"]))


def _replicates(rows: Mapping[str, list[list[float]]], curve: Curve) -> tuple[tuple[float, ...], ...]:
    """The criterion's points at its knots in every refit; a curve no refit moves stands in for itself."""
    refits = [_floats(row) for row in rows.get(curve.criterion, [])] or [curve.values]
    if any(len(row) != len(curve.knots) for row in refits):
        raise CardRefused(f"The band of “{curve.criterion}” does not fit its curve.")
    return tuple(refits)
