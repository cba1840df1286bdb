"""One criterion in sentences: what it measures, the input, the piece of the curve that applied, the points.

Everything said follows from the explanation of the score. Shown points are rounded so that they add up to
the shown score, and those of the networks to the shown points of their criterion.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from explain.explanation import CriterionInput, EarnedPoints
from explain.figure_sentences import say_input
from explain.voice import Voice
from explain.wording import Language, Words
from sources.activity import Platform

CATALOGS = Path(__file__).with_name("words")


@cache
def catalog() -> Words:
    """The words of explanations, read once."""
    return Words(CATALOGS)


@dataclass(frozen=True, slots=True)
class CriterionStatement:
    """One criterion in words; `shown_points` is the number to print, `figures` what each network gave."""

    key: str
    name: str
    measures: str
    input: str
    figures: tuple[str, ...]
    piece: str
    points: str
    origin: str
    networks: tuple[str, ...]
    shown_points: float
    is_missing: bool


def state_criterion(earned: EarnedPoints, given: CriterionInput, voice: Voice) -> CriterionStatement:
    """Say one criterion."""
    key = f"criterion.{earned.criterion}"
    return CriterionStatement(
        key=earned.criterion.value,
        name=voice.criterion(earned.criterion),
        measures=voice.say(f"{key}.measures"),
        input=_input(given, voice),
        figures=tuple(say_input(given, voice)),
        piece=_piece(given, voice),
        points=_points(earned, given, voice),
        origin=voice.say(f"origin.{given.origin}"),
        networks=tuple(
            voice.say("points.from_network", network=voice.network(platform), points=points)
            for platform, points in earned.shown_by_network.items()
        ),
        shown_points=earned.shown_points,
        is_missing=given.value is None,
    )


def name_of(platform: Platform, words: Words, language: Language) -> str:
    return Voice(words, language).network(platform)


def _points(earned: EarnedPoints, given: CriterionInput, voice: Voice) -> str:
    if given.value is None:
        return voice.say("points.none", maximum=earned.max_points)
    return voice.say("points.earned", points=earned.shown_points, maximum=earned.max_points)


def _input(given: CriterionInput, voice: Voice) -> str:
    if given.value is None:
        return voice.say("points.missing")
    return voice.say_count(f"criterion.{given.criterion}.input", given.value)


def _piece(given: CriterionInput, voice: Voice) -> str:
    """The piece of the curve the input fell on; nothing for a missing input."""
    piece = given.piece
    if piece is None:
        return ""
    facts = {
        "from": piece.from_input,
        "to": piece.to_input,
        "low": piece.from_points,
        "high": piece.to_points,
    }
    form = "beyond" if piece.to_input is None else "piece"
    return voice.say(f"criterion.{given.criterion}.{form}", **facts)
