"""What changed between two scores: steps that telescope, whatever changed."""

from dataclasses import replace
from math import fsum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.changes import Changes, StepKind, changes
from explain.errors import DoesNotAddUp
from model.card import PointsCard
from model.inputs import Criterion
from model.scoring import score_records
from sources.activity import ActivityRecord, Platform
from tests.explain.drawing import CARD, other_card, some_records
from tests.model.making import record, week

OTHER = other_card()
ORDER = list(StepKind)


def between(old: list[ActivityRecord], new: list[ActivityRecord]) -> Changes:
    return changes(score_records(CARD, old), score_records(CARD, new), CARD)


def x(followers: int = 1000, likes: int = 40) -> ActivityRecord:
    return record(weeks=[week(0, likes_received=likes)], followers=followers)


def mastodon(followers: int = 300) -> ActivityRecord:
    return record(Platform.MASTODON, [week(1, likes_received=5)], followers=followers)


@given(old=some_records(), new=some_records(), cards=st.permutations([CARD, OTHER]))
@settings(deadline=None)
def test_the_steps_sum_to_the_difference_and_the_shown_ones_to_the_shown_difference(
    old: list[ActivityRecord], new: list[ActivityRecord], cards: list[PointsCard]
) -> None:
    before, after = score_records(cards[0], old), score_records(cards[1], new)

    made = changes(before, after, cards[1])

    assert fsum(step.points for step in made.steps) == pytest.approx(after.exact - before.exact, abs=1e-9)
    assert fsum((*made.shown_points, made.shown_rounding)) == pytest.approx(after.score - before.score)
    assert all(step.points for step in made.steps)
    kinds = [ORDER.index(step.kind) for step in made.steps]
    assert kinds == sorted(kinds)


def test_a_new_card_alone_is_the_only_kind_of_step() -> None:
    before, after = score_records(CARD, [x()]), score_records(OTHER, [x()])

    made = changes(before, after, OTHER)

    assert {(step.kind, step.platform) for step in made.steps} == {(StepKind.CARD, None)}


def test_new_figures_are_said_by_network_and_criterion() -> None:
    made = between([x(), mastodon()], [x(), mastodon(followers=4000)])

    (step,) = made.steps
    assert (step.kind, step.criterion, step.platform) == (
        StepKind.INPUTS,
        Criterion.AUDIENCE,
        Platform.MASTODON,
    )
    assert step.points > 0


def test_a_network_that_left_costs_points_and_one_that_came_brings_some() -> None:
    made = between([x()], [mastodon()])

    assert {step.kind: step.platform for step in made.steps} == {
        StepKind.GONE: Platform.X,
        StepKind.CONNECTED: Platform.MASTODON,
    }
    assert all((step.points < 0) == (step.kind is StepKind.GONE) for step in made.steps)


def test_nothing_changed_is_no_step() -> None:
    made = between([x(), mastodon()], [mastodon(), x()])

    assert made.steps == ()
    assert (made.difference, made.shown_rounding) == (0, 0)


def test_steps_that_miss_the_difference_are_refused() -> None:
    before, after = score_records(CARD, [x()]), score_records(OTHER, [x(likes=4000)])

    with pytest.raises(DoesNotAddUp):
        changes(before, after, CARD)
    with pytest.raises(DoesNotAddUp):
        changes(before, replace(after, exact=float("nan")), OTHER)
