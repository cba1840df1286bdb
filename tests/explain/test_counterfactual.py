"""Counterfactuals keep what they promise, ask for as little as possible, and say why where there is none."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from math import fsum, inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.counterfactual.answers import (
    CONTROLLABLE,
    Counterfactual,
    Unreachable,
    WhyUnreachable,
    counterfactuals,
    counterfactuals_to_json,
    least_effort,
    least_exact,
    single,
)
from explain.counterfactual.input_change import InputChange, apply
from explain.counterfactual.least_effort import Rise, cheapest, effort
from explain.errors import TargetRefused
from model.card import PointsCard
from model.curve import Curve, Origin
from model.inputs import Criterion, PlatformInputs, Window
from model.scoring import exact_score, score_inputs, shown_score
from model.units import PooledInputs
from sources.activity import Platform
from tests.explain.making import CARD, WINDOW, network, people, pooled
from tests.model.making import iso_week

CONVERSATION, AMPLIFICATION = Criterion.CONVERSATION, Criterion.AMPLIFICATION
APPRECIATION, CONSISTENCY = Criterion.APPRECIATION, Criterion.CONSISTENCY
A_WEEK = (CONVERSATION, AMPLIFICATION, APPRECIATION)
REACHED = (Unreachable(WhyUnreachable.ALREADY_REACHED),)


def changes_of(answer: Counterfactual | Unreachable) -> tuple[InputChange, ...]:
    return answer.changes if isinstance(answer, Counterfactual) else ()


def only(answer: Counterfactual | Unreachable) -> InputChange:
    assert isinstance(answer, Counterfactual)
    (change,) = answer.changes
    return change


@settings(deadline=None, max_examples=1000)
@given(people(), st.floats(0.001, 0.999))
def test_what_one_criterion_must_be_is_the_exact_inverse(person: PooledInputs, share: float) -> None:
    for criterion in A_WEEK:
        curve, now = CARD.curves[criterion], person.value(criterion)
        if now is not None and curve.points(now) < curve.maximum - 1e-3:
            points = curve.points(now) + share * (curve.maximum - curve.points(now))

            change = only(
                single(CARD, person, criterion, exact_score(CARD, person) - curve.points(now) + points)
            )

            assert curve.points(change.least_input) == pytest.approx(points, abs=1e-9)
            assert curve.points(change.least_input * (1 - 1e-6)) < points
            assert change.input_to >= change.least_input * (1 - 1e-12)


# What is promised holds


@settings(deadline=None, max_examples=1000)
@given(people(), st.integers(1, 100), st.sets(st.sampled_from(list(Criterion))))
def test_whoever_carries_the_changes_out_has_what_was_promised(
    person: PooledInputs, target: int, held_fixed: set[Criterion]
) -> None:
    found = counterfactuals(CARD, person, target, held_fixed)

    for answer in (*found.singles.values(), found.least_effort):
        if isinstance(answer, Counterfactual):
            result = score_inputs(CARD, apply(CARD, person, answer.changes))
            assert result.exact == pytest.approx(answer.exact, abs=1e-9)
            assert result.score == answer.score >= target
            gained = sum(change.points for change in answer.changes)
            assert found.exact + gained == pytest.approx(answer.exact, abs=1e-9)
            assert answer.effort == pytest.approx(sum(change.effort for change in answer.changes), abs=1e-12)


@settings(deadline=None, max_examples=150)
@given(people(), st.integers(1, 100), st.sets(st.sampled_from(list(Criterion))))
def test_a_change_concerns_a_figure_the_person_may_influence_and_the_data_hold(
    person: PooledInputs, target: int, held_fixed: set[Criterion]
) -> None:
    found = counterfactuals(CARD, person, target, held_fixed)

    for answer in (*found.singles.values(), found.least_effort):
        for change in changes_of(answer):
            (given_by,) = (one for one in person.networks if one.platform is change.platform)
            assert change.criterion in CONTROLLABLE
            assert given_by.values[change.criterion] == change.own_from
            assert person.value(change.criterion) == change.input_from
            assert change.figure is CARD.units.networks[change.platform][change.criterion].figure
    assert not held_fixed & {change.criterion for change in changes_of(found.least_effort)}


@settings(deadline=None, max_examples=150)
@given(people(), st.integers(1, 100))
def test_a_change_is_told_in_tenths_or_weeks_that_are_seen_to_rise_and_leaves_the_rest_alone(
    person: PooledInputs, target: int
) -> None:
    found = counterfactuals(CARD, person, target)

    for answer in (*found.singles.values(), found.least_effort):
        changed = apply(CARD, person, changes_of(answer))
        raised = {change.criterion: change for change in changes_of(answer)}
        for change in raised.values():
            assert change.own_to == round(change.own_to, 0 if change.criterion is CONSISTENCY else 1)
            assert f"{change.own_to:.1f}" != f"{change.own_from:.1f}"
        for criterion in Criterion:
            now = raised[criterion].input_to if criterion in raised else person.value(criterion)
            assert changed.value(criterion) == now
        assert CONSISTENCY not in raised or raised[CONSISTENCY].input_to <= 52


@settings(deadline=None, max_examples=150)
@given(people(), st.integers(1, 100))
def test_a_tenth_or_a_week_less_would_not_do(person: PooledInputs, target: int) -> None:
    found = counterfactuals(CARD, person, target)

    for answer in found.singles.values():
        for change in changes_of(answer):
            step = 1.0 if change.criterion is CONSISTENCY else 0.1
            less = replace(change, own_to=round(change.own_to - step, 1))
            if less.own_to >= change.own_from + step / 2:  # the least that is seen to rise is told anyway
                assert exact_score(CARD, apply(CARD, person, [less])) < least_exact(target)


@settings(deadline=None, max_examples=200)
@given(people(), st.integers(2, 100))
def test_the_combination_is_never_dearer_than_one_change_alone(person: PooledInputs, target: int) -> None:
    found = counterfactuals(CARD, person, target)

    reached = [one for one in found.singles.values() if isinstance(one, Counterfactual)]
    if reached:
        assert isinstance(found.least_effort, Counterfactual)
        assert found.least_effort.effort <= min(one.effort for one in reached)


@settings(deadline=None, max_examples=200)
@given(people(), st.lists(st.integers(1, 100), min_size=2, max_size=2, unique=True).map(sorted))
def test_a_higher_target_never_asks_for_less(person: PooledInputs, targets: list[int]) -> None:
    lower, higher = (counterfactuals(CARD, person, target) for target in targets)

    for criterion in Criterion:
        less, more = changes_of(lower.singles[criterion]), changes_of(higher.singles[criterion])
        assert all(
            a.own_to <= b.own_to or a.platform is not b.platform for a, b in zip(less, more, strict=False)
        )
    rises = rises_of(person)
    gains = [least_exact(target) - exact_score(CARD, person) for target in targets]
    spent = [spent_on(rises, cheapest(rises, gain)) if gain > 0 else 0.0 for gain in gains]
    assert spent[0] <= spent[1] + 1e-9
    if isinstance(higher.least_effort, Counterfactual):
        assert lower.least_effort in REACHED or isinstance(lower.least_effort, Counterfactual)


def rises_of(person: PooledInputs) -> list[Rise]:
    return [
        Rise(CARD.curves[criterion], now)
        for criterion in A_WEEK
        if (now := person.value(criterion)) is not None
    ]


def spent_on(rises: Sequence[Rise], inputs: Sequence[float] | None) -> float:
    if inputs is None:
        return inf
    return sum(effort(rise.now, x) for rise, x in zip(rises, inputs, strict=True))


# Why not


def test_a_score_that_is_there_already_needs_no_change() -> None:
    person = pooled(network(followers=None, conversation=20.0))

    found = counterfactuals(CARD, person, shown_score(exact_score(CARD, person)))

    answers = {*found.singles.values(), found.least_effort}
    assert answers == {Unreachable(WhyUnreachable.ALREADY_REACHED)}


def test_followers_and_lists_are_never_advised() -> None:
    person = pooled(network(audience=100.0, recognition=2.0, conversation=1.0))

    for criterion in (Criterion.AUDIENCE, Criterion.RECOGNITION):
        answer = single(CARD, person, criterion, exact_score(CARD, person) + 1)
        assert answer == Unreachable(WhyUnreachable.NOT_CONTROLLABLE)


def test_a_figure_the_data_do_not_hold_is_not_advised() -> None:
    person = pooled(network(Platform.MASTODON, amplification=1.0))

    answer = single(CARD, person, CONVERSATION, 10.0)

    assert answer == Unreachable(WhyUnreachable.MISSING)


def test_what_one_criterion_cannot_do_is_said_with_how_far_it_leads() -> None:
    person = pooled(network(conversation=0.0, amplification=0.0))

    answer = single(CARD, person, CONVERSATION, 21.5)

    assert answer == Unreachable(WhyUnreachable.NOT_BY_THIS_ALONE, 21.0, 21)


def test_what_nothing_can_do_is_said_with_how_far_everything_leads() -> None:
    person = pooled(network(conversation=0.0, amplification=0.0, appreciation=0.0))

    assert least_effort(CARD, person, 70.0) == Unreachable(WhyUnreachable.NOT_REACHABLE, 60.0, 60)
    assert least_effort(CARD, person, 50.0, {CONVERSATION}) == Unreachable(
        WhyUnreachable.NOT_REACHABLE, 40.0, 40
    )


def test_the_highest_score_that_is_named_can_be_reached() -> None:
    person = pooled(network(conversation=0.0, amplification=0.0, appreciation=0.0))

    assert only(single(CARD, person, CONVERSATION, 21.0)).own_to == 3000.0
    everything = least_effort(CARD, person, 60.0)

    assert isinstance(everything, Counterfactual)
    assert [change.input_to for change in everything.changes] == [3000.0, 10000.0, 20000.0, 52.0]
    assert everything.exact == 60.0


def test_with_everything_held_fixed_nothing_can_be_reached() -> None:
    person = pooled(network(conversation=3.0))

    answer = least_effort(CARD, person, 90.0, set(Criterion))

    exact = exact_score(CARD, person)
    assert answer == Unreachable(WhyUnreachable.NOT_REACHABLE, exact, shown_score(exact))


def test_an_input_beyond_the_last_knot_has_nothing_more_to_give() -> None:
    person = pooled(network(conversation=40000.0, amplification=5.0, weeks=None))

    answer = single(CARD, person, CONVERSATION, exact_score(CARD, person) + 1)
    together = least_effort(CARD, person, exact_score(CARD, person) + 1)

    assert isinstance(answer, Unreachable)
    assert answer.highest == exact_score(CARD, person)
    assert only(together).criterion is AMPLIFICATION


# Networks and their units


def test_nothing_at_all_so_far_can_rise_too() -> None:
    person = pooled(network(conversation=0.0, weeks=None))

    change = only(single(CARD, person, CONVERSATION, least_exact(5)))

    assert (change.own_from, change.input_from) == (0.0, 0.0)
    assert change.own_to == 0.8  # 6.71 points at 2 a week: 3.5 of them at (1 + 2) ** (3.5 / 6.71) - 1 = 0.774


@pytest.mark.parametrize(
    ("tiktok", "told_for"), [(1000.0, Platform.X), (2000.0, Platform.TIKTOK), (1500.0, Platform.TIKTOK)]
)
def test_a_change_is_told_for_the_network_that_brings_most_in_common_units(
    tiktok: float, told_for: Platform
) -> None:
    networks = (
        network(appreciation=3.0),
        network(Platform.TIKTOK, appreciation=tiktok),
        network(Platform.YOUTUBE),
    )
    person = pooled(*networks)  # a like on TikTok counts 0.002

    change = only(single(CARD, person, APPRECIATION, exact_score(CARD, person) + 2))

    assert change.platform is told_for
    factor = CARD.units.factor(told_for, APPRECIATION)
    assert factor * (change.own_to - change.own_from) == pytest.approx(change.input_to - change.input_from)


def test_three_networks_with_units_of_their_own_lead_to_the_target_together() -> None:
    person = pooled(
        network(conversation=1.0, amplification=0.5, appreciation=4.0, weeks={0, 1, 2}),
        network(Platform.TIKTOK, conversation=8.0, amplification=9.0, appreciation=100.0, weeks={2, 3}),
        network(Platform.YOUTUBE, conversation=0.2, appreciation=90.0, weeks={9}),
    )

    answer = least_effort(CARD, person, least_exact(45))

    assert {change.criterion: change.platform for change in changes_of(answer)} == {
        CONVERSATION: Platform.TIKTOK,
        AMPLIFICATION: Platform.TIKTOK,
        APPRECIATION: Platform.YOUTUBE,
        CONSISTENCY: Platform.X,
    }
    assert score_inputs(CARD, apply(CARD, person, changes_of(answer))).score == 45


def test_a_week_is_added_where_no_network_has_a_response_yet() -> None:
    person = pooled(network(weeks=range(30)), network(Platform.MASTODON, weeks=range(28, 40)))

    change = only(single(CARD, person, CONSISTENCY, exact_score(CARD, person) + 1))
    changed = apply(CARD, person, [change])

    assert (change.platform, change.own_from, change.input_from) == (Platform.X, 30.0, 40.0)
    assert (
        changed.value(CONSISTENCY) == change.input_to == change.input_from + change.own_to - change.own_from
    )
    (on_x,) = (one for one in changed.networks if one.platform is Platform.X)
    assert on_x.response_weeks is not None
    assert all(WINDOW.holds(week) for week in on_x.response_weeks)
    assert on_x.values[CONSISTENCY] == len(on_x.response_weeks)


def test_weeks_go_to_a_network_whose_window_has_room_for_them() -> None:
    earlier = Window(WINDOW.starts_on - timedelta(weeks=26), WINDOW.ends_on - timedelta(weeks=26))
    person = pooled(
        network(weeks=range(26, 52)),  # brings less, and has 26 weeks left
        network(Platform.MASTODON, weeks=range(26, 68), window=earlier),  # has ten
    )
    assert person.value(CONSISTENCY) == 42.0

    ten = only(single(CARD, person, CONSISTENCY, exact_score(CARD, person) + 0.1))
    none_left = replace(person.networks[0], window=None)

    assert (ten.platform, ten.input_to) == (Platform.MASTODON, 43.0)
    again = only(
        single(CARD, pooled(none_left, person.networks[1]), CONSISTENCY, exact_score(CARD, person) + 0.1)
    )
    assert again.platform is Platform.X


def test_no_more_weeks_are_advised_than_a_year_has() -> None:
    earlier = Window(WINDOW.starts_on - timedelta(weeks=52), WINDOW.ends_on - timedelta(weeks=52))
    person = pooled(network(weeks=range(40)), network(Platform.MASTODON, weeks=range(52, 61), window=earlier))

    found = single(CARD, person, CONSISTENCY, exact_score(CARD, person) + 5)

    assert isinstance(found, Unreachable)
    assert found.highest == exact_score(CARD, person) - CARD.points(CONSISTENCY, 49.0) + 10.0


def test_no_card_makes_a_year_longer() -> None:
    earlier = Window(WINDOW.starts_on - timedelta(weeks=52), WINDOW.ends_on - timedelta(weeks=52))
    person = pooled(network(weeks=range(40)), network(Platform.MASTODON, weeks=range(52, 61), window=earlier))
    curve = Curve.through(CONSISTENCY, Origin.RULE, [0, 104], [0, 10])

    answer = single(replace(CARD, curves={**CARD.curves, CONSISTENCY: curve}), person, CONSISTENCY, 100.0)

    assert answer == Unreachable(
        WhyUnreachable.NOT_BY_THIS_ALONE, 1 + curve.points(52.0), shown_score(1 + curve.points(52.0))
    )


def test_data_of_no_known_day_have_no_weeks_to_add() -> None:
    person = pooled(network(conversation=0.0, window=None))

    answer = single(CARD, person, CONSISTENCY, 3.0)

    assert answer == Unreachable(WhyUnreachable.NOT_BY_THIS_ALONE, 1.0, 1)


# Targets and the form in which answers go out


def test_the_target_is_five_points_above_by_default_and_never_above_the_scale() -> None:
    low = pooled(network(conversation=2.0))
    high = pooled(
        network(audience=5e5, recognition=3e4, conversation=3e3, amplification=1e4, appreciation=2e4)
    )

    assert counterfactuals(CARD, low).target == shown_score(exact_score(CARD, low)) + 5
    assert exact_score(CARD, high) == 90.0
    assert [counterfactuals(CARD, one).target for one in (high, pooled(*full_year(high)))] == [95, 100]


def full_year(person: PooledInputs) -> list[PlatformInputs]:
    return [replace(one, response_weeks=frozenset(map(iso_week, range(52)))) for one in person.networks]


@pytest.mark.parametrize("target", [0, 101, -5, 49.5])
def test_a_score_nobody_can_have_is_refused_as_a_target(target: int) -> None:
    with pytest.raises(TargetRefused):
        counterfactuals(CARD, pooled(network(conversation=2.0)), target)


@pytest.mark.parametrize("target", range(1, 101))
def test_the_smallest_exact_score_of_a_target_is_shown_as_it(target: int) -> None:
    assert shown_score(least_exact(target)) == target
    assert target == 1 or shown_score(least_exact(target) - 1e-9) == target - 1


def test_the_json_form_says_every_answer_in_plain_words_and_numbers() -> None:
    person = pooled(network(conversation=2.0, amplification=1.0))

    sent: Mapping[str, object] = json.loads(
        json.dumps(counterfactuals_to_json(counterfactuals(CARD, person, 20, {AMPLIFICATION, CONSISTENCY})))
    )

    assert (sent["target"], sent["held_fixed"]) == (20, ["amplification", "consistency"])
    assert isinstance(sent["singles"], list)
    assert [one["criterion"] for one in sent["singles"]] == [criterion.value for criterion in Criterion]
    assert sent["singles"][0] == {
        "criterion": "audience",
        "is_reachable": False,
        "reason": "not-controllable",
        "highest": None,
        "highest_score": None,
    }
    assert isinstance(sent["least_effort"], dict)
    (change,) = sent["least_effort"]["changes"]
    assert (change["criterion"], change["platform"], change["figure"]) == ("conversation", "x", "replies")


def test_another_cards_curves_are_inverted_just_as_exactly() -> None:
    curve = Curve.through(CONVERSATION, Origin.RULE, [0, 9, 99], [0, 0, 20])
    other: PointsCard = replace(CARD, curves={**CARD.curves, CONVERSATION: curve})
    person = pooled(network(conversation=4.0, weeks=None))

    change = only(single(other, person, CONVERSATION, 11.0))

    assert change.least_input == pytest.approx(10**1.5 - 1)
    assert change.own_to == 30.7
    assert all(left < right for left, right in pairwise((change.own_from, change.own_to)))


@pytest.mark.parametrize("criterion", CONTROLLABLE)
def test_a_target_on_a_knot_asks_for_that_knot_and_no_more(criterion: Criterion) -> None:
    person = pooled(network(conversation=0.0, amplification=0.0, appreciation=0.0, audience=300.0))
    curve = CARD.curves[criterion]

    for knot, points in zip(curve.knots[1:], curve.values[1:], strict=True):
        if points < curve.maximum:
            change = only(single(CARD, person, criterion, CARD.base + fsum([8.7, points])))
            assert (change.own_to, change.input_to) == (knot, knot)


def test_no_number_at_all_is_no_target() -> None:
    answer = single(CARD, pooled(network(conversation=2.0)), CONVERSATION, nan)

    assert isinstance(answer, Unreachable)
