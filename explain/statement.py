"""A score in sentences, one language at a time, without any web code.

Everything said follows from the result and the card: the input in words, the piece of the curve that
applied, the points shown. Shown points are rounded so that they add up to the shown score, and those of
the networks to the shown points of their criterion. No sentence mentions another person.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from explain.attribution import shown_parts
from explain.wording import Language, Words, say_list
from model.card import PointsCard
from model.scoring import CriterionScore, NetworkScore, ScoreResult, is_stale
from sources.activity import Platform

CATALOGS = Path(__file__).with_name("words")


@dataclass(frozen=True, slots=True)
class CriterionStatement:
    """One criterion in words; `shown_points` is the number to print."""

    key: str
    name: str
    measures: str
    input: str
    piece: str
    points: str
    origin: str
    networks: tuple[str, ...]
    shown_points: float
    is_missing: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """A whole score in words."""

    headline: tuple[str, ...]
    criteria: tuple[CriterionStatement, ...]
    networks: tuple[str, ...]


def state(
    result: ScoreResult, card: PointsCard, language: Language, *, today: date, words: Words | None = None
) -> Statement:
    """Say a score; `today` tells which data is stale."""
    words = words or Words(CATALOGS)
    shown = shown_parts([one.points for one in result.criteria], result.score - result.base)
    criteria = tuple(
        _criterion(one, points, card, words, language)
        for one, points in zip(result.criteria, shown, strict=True)
    )
    networks = tuple(line for one in result.networks for line in _network(one, today, words, language))
    return Statement(_headline(result, words, language), criteria, networks)


def _headline(result: ScoreResult, words: Words, language: Language) -> tuple[str, ...]:
    low, high = result.band
    names = [name_of(one.platform, words, language) for one in result.networks]
    return (
        words.say("headline.score", language, score=result.score),
        words.say(
            "headline.sum",
            language,
            base=result.base,
            points=result.score - result.base,
            criteria=len(result.criteria),
        ),
        words.say("headline.band", language, low=low, high=high),
        words.say_count("headline.networks", language, len(names), networks=say_list(names, language)),
    )


def name_of(platform: Platform, words: Words, language: Language) -> str:
    return words.say(f"network.{platform}", language)


def _criterion(
    one: CriterionScore, shown: float, card: PointsCard, words: Words, language: Language
) -> CriterionStatement:
    key = f"criterion.{one.name}"
    split = shown_parts(list(one.by_network.values()), shown) if one.by_network else ()
    return CriterionStatement(
        key=one.name.value,
        name=words.say(f"{key}.name", language),
        measures=words.say(f"{key}.measures", language),
        input=_input(one, words, language),
        piece=_piece(one, card, words, language),
        points=words.say("points.earned", language, points=shown, maximum=one.max_points),
        origin=words.say(f"origin.{card.curves[one.name].origin}", language),
        networks=tuple(
            words.say(
                "points.from_network", language, network=name_of(platform, words, language), points=points
            )
            for platform, points in zip(one.by_network, split, strict=True)
        ),
        shown_points=shown,
        is_missing=one.input is None,
    )


def _input(one: CriterionScore, words: Words, language: Language) -> str:
    if one.input is None:
        return words.say("points.missing", language)
    return words.say_count(f"criterion.{one.name}.input", language, one.input)


def _piece(one: CriterionScore, card: PointsCard, words: Words, language: Language) -> str:
    """The piece of the curve the input fell on; nothing for a missing input."""
    if one.input is None:
        return ""
    piece = card.curves[one.name].piece(one.input)
    facts = {
        "from": piece.from_input,
        "to": piece.to_input,
        "low": piece.from_points,
        "high": piece.to_points,
    }
    if piece.to_input is None:
        return words.say(f"criterion.{one.name}.beyond", language, **facts)
    return words.say(f"criterion.{one.name}.piece", language, **facts)


def _network(one: NetworkScore, today: date, words: Words, language: Language) -> list[str]:
    name, window = name_of(one.platform, words, language), one.inputs.window
    lines = [words.say("network.alone", language, network=name, score=one.score)]
    if window is None:
        return [*lines, words.say("network.undated", language, network=name)]
    lines.append(
        words.say(
            "network.window",
            language,
            network=name,
            weeks=one.inputs.weeks_seen,
            first=window.starts_on,
            last=window.ends_on,
        )
    )
    if one.inputs.as_of is not None and is_stale(one.inputs.as_of, today):
        lines.append(words.say("network.stale", language, network=name))
    return lines
