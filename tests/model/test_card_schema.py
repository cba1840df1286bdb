"""model/card.schema.json states every promise of a points card that a schema can state, and no other."""

import copy
import json
from functools import cache
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from model.card import COMMITTED_CARD, canonical_card, card_from_bytes
from model.curve import Origin
from model.errors import CardRefused
from model.inputs import Criterion
from model.units import Figure, SetBy
from sources.activity import Platform

SCHEMA = json.loads(COMMITTED_CARD.with_name("card.schema.json").read_bytes())
VALIDATOR = Draft202012Validator(SCHEMA)
COMMITTED: dict[str, Any] = json.loads(COMMITTED_CARD.read_bytes())


def shortened() -> dict[str, Any]:
    """The committed card with two refits and two rows of the reference: as telling, and quick to check."""
    card = copy.deepcopy(COMMITTED)
    for refits in card["band"]["points"].values():
        del refits[2:]
    for rows in card["reference"]["inputs"].values():
        del rows[2:]
    return card


CARD = shortened()


def is_valid(document: dict[str, Any]) -> bool:
    return VALIDATOR.is_valid(document)


def is_accepted(document: dict[str, Any]) -> bool:
    """Whether the loader takes a card, its digest made right."""
    try:
        card_from_bytes(canonical_card(document))
    except CardRefused:
        return False
    return True


def at(document: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


def with_value(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    changed = copy.deepcopy(CARD)
    at(changed, path[:-1])[path[-1]] = value
    return changed


def places(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Where the objects of a card are."""
    below = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    found = [path] if isinstance(node, dict) else []
    return found + [place for key, child in below for place in places(child, (*path, key))]


def test_the_schema_is_a_schema_and_the_committed_card_follows_it() -> None:
    Draft202012Validator.check_schema(SCHEMA)

    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert list(VALIDATOR.iter_errors(COMMITTED)) == []


def test_the_words_of_the_schema_are_those_of_the_program() -> None:
    defined = SCHEMA["$defs"]

    assert defined["criterion"]["enum"] == list(Criterion)
    assert defined["curve"]["properties"]["origin"]["enum"] == list(Origin)
    assert defined["unit"]["properties"]["figure"]["enum"] == list(Figure)
    assert defined["unit"]["properties"]["set_by"]["enum"] == list(SetBy)
    assert set(SCHEMA["properties"]["units"]["properties"]["networks"]["properties"]) == set(Platform)


def test_no_object_of_a_card_takes_a_field_nobody_named() -> None:
    for place in places(CARD):
        changed = copy.deepcopy(CARD)
        at(changed, place)["unasked"] = 1

        assert not is_valid(changed), place


def test_no_field_of_the_card_may_be_left_out_but_what_a_network_or_a_refit_lacks() -> None:
    free: set[tuple[str, ...]] = {
        ("units", "networks"),
        ("band", "points"),
        ("training", "caps"),
        ("training", "columns"),
    }
    free |= {("training", "libraries")} | {("units", "networks", platform.value) for platform in Platform}
    younger = {("evaluation", "log_loss"), ("evaluation", "slope"), ("evaluation", "ece")}
    for place in places(CARD):
        for key in at(CARD, place):
            changed = copy.deepcopy(CARD)
            del at(changed, place)[key]

            assert is_valid(changed) is (place in free or (*place, key) in younger), (*place, key)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "klarwert-points-card/1"),
        (("version",), 2),
        (("version",), ""),
        (("digest",), "97d961"),
        (("digest",), CARD["digest"].upper()),
        (("base",), 2),
        (("base",), True),
        (("criteria",), CARD["criteria"][:5]),
        (("criteria",), [*CARD["criteria"], CARD["criteria"][0]]),
        (("criteria", 0, "name"), "recognition"),
        (("criteria", 0, "name"), "fame"),
        (("criteria", 0, "origin"), "guessed"),
        (("criteria", 0, "origin"), "rule"),
        (("criteria", 4, "rule"), None),
        (("criteria", 4, "rule"), ""),
        (("criteria", 0, "rule"), "A rule for a learned curve."),
        (("criteria", 0, "knots"), [0]),
        (("criteria", 0, "knots", 0), 1),
        (("criteria", 0, "knots", 1), -300),
        (("criteria", 0, "knots", 2), 300),
        (("criteria", 0, "knots", 1), "300"),
        (("criteria", 0, "points", 0), 1),
        (("criteria", 0, "points", 1), -1),
        (("criteria", 0, "points", 6), 100),
        (("criteria", 0, "points", 1), None),
        (("units", "version"), 0),
        (("units", "version"), 1.5),
        (("units", "networks"), {}),
        (("units", "networks", "x"), {}),
        (("units", "networks", "x", "fame"), CARD["units"]["networks"]["x"]["audience"]),
        (("units", "networks", "myspace"), CARD["units"]["networks"]["x"]),
        (("units", "networks", "x", "audience", "factor"), 0),
        (("units", "networks", "x", "audience", "figure"), "fame"),
        (("units", "networks", "x", "audience", "set_by"), "learned"),
        (("reference", "inputs", "audience"), []),
        (("reference", "inputs", "audience", 0), -1),
        (("reference", "by"), ""),
        (("band", "level"), 1),
        (("band", "level"), 0),
        (("band", "points", "audience", 0), [0]),
        (("band", "points", "audience", 0, 1), -1),
        (("band", "resampled"), "rows"),
        (("band", "settled_posts"), -1),
        (("probability", "points_per_logit"), 0),
        (("training", "sha256"), "none"),
        (("training", "pairs"), 0),
        (("training", "seed"), -1),
        (("training", "followers_tenfold_points"), 5.5),
        (("training", "knot_levels"), [0.1, 1.5]),
        (("training", "caps", "audience"), 0),
        (("training", "columns", "audience", "per_unit"), 0),
        (("training", "libraries", "numpy"), 2),
        (("evaluation", "auc_mean"), 1.1),
        (("evaluation", "auc_sd"), -0.1),
        (("evaluation", "log_loss"), -0.1),
        (("evaluation", "ece"), 2),
        (("evaluation", "slope"), "1.0"),
        (("evaluation", "splits"), 0),
        (("evaluation", "disjoint_by"), "row"),
    ],
)
def test_a_card_that_breaks_a_promise_does_not_follow_the_schema(
    path: tuple[str | int, ...], value: object
) -> None:
    changed = with_value(path, value)

    assert not is_valid(changed)


amounts = st.integers(0, 10_000_000) | st.floats(0, 1e7)


@st.composite
def cards(draw: st.DrawFn) -> dict[str, Any]:
    """Cards as a later training or another unit table could make them: whatever of one the loader reads."""
    document = copy.deepcopy(CARD)
    order = draw(st.permutations(document["criteria"]))
    document["criteria"] = [_curve(draw, row) for row in order]
    knots = {row["name"]: len(row["knots"]) for row in document["criteria"]}
    refits, rows = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    steady = draw(some_criteria)
    document["band"]["points"] = {
        name: draw(st.lists(_row(amounts, count), min_size=refits, max_size=refits))
        for name, count in knots.items()
        if name not in steady
    }
    document["reference"]["inputs"] = {name: draw(_row(amounts, rows)) for name in knots}
    document["units"]["networks"] = draw(networks)
    return document


@cache  # building a strategy costs more than drawing from it
def _row(numbers: st.SearchStrategy[Any], count: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(numbers, min_size=count, max_size=count)


def _curve(draw: st.DrawFn, row: dict[str, Any]) -> dict[str, Any]:
    """The same maximum, reached otherwise; the curve of the audience is as even as its promise asks."""
    pieces = draw(st.integers(1, 8))
    rises = draw(_row(st.integers(1, 50), pieces))
    if row["name"] == Criterion.AUDIENCE:
        return row | {"knots": [0, 10_000_000], "points": [0, row["points"][-1]]}
    hundredths = round(100 * row["points"][-1])
    reached = [hundredths * sofar // sum(rises) for sofar in accumulate(rises)]
    knots = list(accumulate(draw(_row(st.integers(1, 10_000), pieces))))
    return row | {"knots": [0, *knots], "points": [0, *(value / 100 for value in reached)]}


units = st.fixed_dictionaries(
    {
        "figure": st.sampled_from([figure.value for figure in Figure]),
        "factor": st.floats(1e-6, 1e6) | st.integers(1, 100),
        "set_by": st.sampled_from([one.value for one in SetBy]),
    }
)
networks = st.dictionaries(
    st.sampled_from([platform.value for platform in Platform]),
    st.dictionaries(st.sampled_from([one.value for one in Criterion]), units, min_size=1),
    min_size=1,
)
some_criteria = st.sets(st.sampled_from(list(Criterion)))


@settings(deadline=None, max_examples=200)
@given(document=cards())
def test_every_card_the_loader_accepts_follows_the_schema(document: dict[str, Any]) -> None:
    assert is_accepted(document)

    assert list(VALIDATOR.iter_errors(document)) == []


def numbers(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Where the numbers of a card are."""
    if isinstance(node, int | float):
        return [path]
    below = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [place for key, child in below for place in numbers(child, (*path, key))]


READ = [place for place in numbers(CARD) if place[0] == "criteria" or place[:2] == ("units", "networks")]


@settings(deadline=None, max_examples=400)
@given(path=st.sampled_from(READ), value=st.integers(-3, 30) | st.floats(-1, 1000))
def test_a_changed_number_is_refused_by_the_loader_wherever_the_schema_refuses_it(
    path: tuple[str | int, ...], value: float
) -> None:
    changed = with_value(path, value)

    assert not is_accepted(changed) or is_valid(changed)
