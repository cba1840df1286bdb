"""Two cards side by side: every difference is named, exactly, and equal cards differ in nothing."""

import json
from typing import Any

import numpy as np
import pytest

from explain.card.comparison import LEVELS, CardComparison, compare_cards
from explain.card.comparison_forms import comparison_text, comparison_to_json
from model.card import PointsCard, card_from_bytes, load_card
from model.inputs import Criterion
from sources.activity import Platform
from tests.model.making import changed_card

OLD = load_card()
PEOPLE = 200


def changed() -> PointsCard:
    """Audience lower at its second knot, a reply on X worth two, no endorsements, another version."""

    def change(document: dict[str, Any]) -> None:
        document["version"] = "test"
        audience = next(row for row in document["criteria"] if row["name"] == Criterion.AUDIENCE)
        audience["points"][1] -= 0.5
        audience["points"][1] = round(audience["points"][1], 2)
        document["units"]["networks"]["x"]["conversation"]["factor"] = 2
        del document["units"]["networks"]["linkedin"]["recognition"]

    return card_from_bytes(changed_card(change))


@pytest.fixture(scope="module")
def comparison() -> CardComparison:
    return compare_cards(OLD, changed(), people=PEOPLE)


def test_a_card_compared_with_itself_changes_nothing() -> None:
    same = compare_cards(OLD, OLD, people=PEOPLE)

    assert same.is_same
    assert same.units == ()
    assert all(one.rise.points == one.fall.points == 0 for one in same.curves)
    assert all(set(changes.quantiles.values()) == {0.0} for changes in same.changes)
    assert all(changes.within[0] == 1 for changes in same.changes)


def test_the_largest_fall_of_a_curve_and_its_place_are_named(comparison: CardComparison) -> None:
    audience = comparison.curves[0]

    assert audience.criterion is Criterion.AUDIENCE
    assert audience.fall.points == pytest.approx(-0.5)
    assert audience.fall.x == OLD.curves[Criterion.AUDIENCE].knots[1]
    assert audience.rise.points == 0


def test_no_input_changes_a_curve_by_more_than_is_named(comparison: CardComparison) -> None:
    inputs = np.expm1(np.linspace(0, 20, 2_000))

    for one in comparison.curves:
        old, new = comparison.old.curves[one.criterion], comparison.new.curves[one.criterion]
        for x in inputs:
            assert (
                one.fall.points - 1e-9
                <= new.points(float(x)) - old.points(float(x))
                <= one.rise.points + 1e-9
            )


def test_knots_that_moved_are_looked_at_too() -> None:
    def move(document: dict[str, Any]) -> None:
        row = document["criteria"][-1]
        row["knots"][2] = 10

    new = card_from_bytes(changed_card(move))

    found = compare_cards(OLD, new, people=PEOPLE).curves[-1]

    weeks = [week / 10 for week in range(521)]
    changes = [
        new.points(Criterion.CONSISTENCY, week) - OLD.points(Criterion.CONSISTENCY, week) for week in weeks
    ]
    assert found.rise.points == pytest.approx(max(changes))
    assert found.rise.x == weeks[changes.index(max(changes))]


def test_changed_and_missing_units_are_named(comparison: CardComparison) -> None:
    found = {(one.platform, one.criterion): (one.old, one.new) for one in comparison.units}

    assert set(found) == {
        (Platform.X, Criterion.CONVERSATION),
        (Platform.LINKEDIN, Criterion.RECOGNITION),
    }
    before, after = found[Platform.X, Criterion.CONVERSATION]
    assert before is not None
    assert after is not None
    assert (before.factor, after.factor) == (1, 2)
    assert found[Platform.LINKEDIN, Criterion.RECOGNITION][1] is None


def test_the_distribution_is_ordered_and_repeats(comparison: CardComparison) -> None:
    again = compare_cards(OLD, changed(), people=PEOPLE)

    assert again.changes == comparison.changes
    for changes in comparison.changes:
        assert changes.people == PEOPLE
        assert tuple(changes.quantiles) == LEVELS
        assert list(changes.quantiles.values()) == sorted(changes.quantiles.values())
        assert list(changes.within.values()) == sorted(changes.within.values())


def test_archives_of_today_hold_no_replies_so_their_factor_moves_nobody(comparison: CardComparison) -> None:
    everything, archives = comparison.changes

    assert everything.quantiles[1.0] > 0
    assert archives.quantiles[1.0] == pytest.approx(0, abs=1e-9)


def test_cards_without_a_network_in_common_are_compared_without_people() -> None:
    def leave_only(*kept: str) -> PointsCard:
        def change(document: dict[str, Any]) -> None:
            networks = document["units"]["networks"]
            document["units"]["networks"] = {name: networks[name] for name in kept}

        return card_from_bytes(changed_card(change))

    found = compare_cards(leave_only("x"), leave_only("github"), people=PEOPLE)

    assert found.changes == ()
    assert "Units:" in comparison_text(found)


def test_json_and_text_name_the_same_facts(comparison: CardComparison) -> None:
    said = json.loads(json.dumps(comparison_to_json(comparison)))
    text = comparison_text(comparison)

    assert said["old"]["digest"] == OLD.digest
    assert said["new"]["version"] == "test"
    assert said["old"]["evaluation"] == OLD.document["evaluation"]
    assert OLD.digest[:16] in text
    assert "x conversation: replies 1 (one-for-one) -> replies 2 (one-for-one)" in text
    assert "linkedin recognition: endorsements 1 (one-for-one) -> none" in text
    assert f"-0.50 at {OLD.curves[Criterion.AUDIENCE].knots[1]:,.15g}" in text
    assert str(OLD.document["evaluation"]["auc_mean"]) in text
