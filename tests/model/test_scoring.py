"""What holds for every score, tried on many records."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.band import band
from model.card import load_card
from model.errors import InputsRefused
from model.inputs import Criterion, platform_inputs
from model.scoring import is_usable, result_to_json, score_records
from model.units import Figure, SetBy, Unit, UnitTable, pool
from sources.activity import ActivityRecord, Platform
from tests.model.making import AS_OF, record, week

CARD = load_card()
quick = settings(deadline=None, max_examples=60)
counts = st.none() | st.integers(0, 10**7)
weekly = st.builds(
    week,
    st.integers(0, 60),
    posts=st.integers(0, 50),
    likes_received=counts,
    reshares_received=counts,
    replies_received=counts,
)


def records(platform: Platform) -> st.SearchStrategy[ActivityRecord]:
    weeks = st.lists(weekly, max_size=6, unique_by=lambda one: one.week)
    listed = counts if Criterion.RECOGNITION in CARD.units.networks[platform] else st.none()
    return st.builds(record, st.just(platform), weeks, followers=counts, listed=listed)


@quick
@given(records(Platform.X), records(Platform.MASTODON))
def test_base_and_points_are_the_score_and_every_point_belongs_to_a_network(
    x: ActivityRecord, mastodon: ActivityRecord
) -> None:
    result = score_records(CARD, [x, mastodon])

    assert result.exact == pytest.approx(result.base + sum(one.points for one in result.criteria), abs=1e-9)
    assert 1 <= result.band[0] <= result.score <= result.band[1] <= 100
    for one in result.criteria:
        assert sum(one.by_network.values()) == pytest.approx(one.points, abs=1e-9)
        assert 0 <= one.points <= one.max_points


@quick
@given(records(Platform.X), records(Platform.MASTODON))
def test_connecting_a_network_never_lowers_the_score(x: ActivityRecord, mastodon: ActivityRecord) -> None:
    both = score_records(CARD, [x, mastodon])

    for alone in (x, mastodon):
        assert both.exact >= score_records(CARD, [alone]).exact
    assert [one.platform for one in both.networks] == [Platform.MASTODON, Platform.X]


@quick
@given(records(Platform.X), records(Platform.MASTODON))
def test_the_order_of_the_networks_does_not_matter(x: ActivityRecord, mastodon: ActivityRecord) -> None:
    assert score_records(CARD, [x, mastodon]) == score_records(CARD, [mastodon, x])


@quick
@given(records(Platform.X), records(Platform.MASTODON), st.floats(1e-3, 1e3), st.integers(0, 10**9))
def test_ten_times_the_followers_alone_move_the_score_by_at_most_5_points(
    x: ActivityRecord, mastodon: ActivityRecord, factor: float, followers: int
) -> None:
    scaled = {
        **CARD.units.networks,
        Platform.X: dict.fromkeys(Criterion, Unit(Figure.LIKES, factor, SetBy.MATCHED)),
    }
    card = replace(CARD, units=UnitTable(1, scaled))
    x = replace(x, followers=followers)

    before = score_records(card, [x, mastodon])
    after = score_records(card, [replace(x, followers=10 * followers), mastodon])

    assert before.exact <= after.exact <= before.exact + 5
    assert after.score - before.score <= 5


def test_no_start_value_lets_ten_times_the_followers_earn_more_than_5_points() -> None:
    curve = CARD.curves[Criterion.AUDIENCE]

    gains = [curve.points(10 * x) - curve.points(x) for x in (10 ** (step / 50) - 1 for step in range(500))]

    assert max(gains) <= curve.steepest_decade() <= 5
    assert max(gains) > 2


@quick
@given(
    records(Platform.X),
    st.sampled_from(
        ["followers", "listed", "likes_received", "reshares_received", "replies_received", "posts"]
    ),
    st.integers(0, 10**6),
)
def test_raising_any_figure_of_the_record_never_lowers_the_score(
    given_record: ActivityRecord, name: str, more: int
) -> None:
    higher: dict[str, Any] = {name: (getattr(given_record, name) or 0) + more}
    raised = replace(given_record, **higher)

    before, after = score_records(CARD, [given_record]), score_records(CARD, [raised])

    assert after.exact >= before.exact


@quick
@given(
    records(Platform.X),
    st.sampled_from(["likes_received", "reshares_received", "replies_received"]),
    st.integers(0, 5),
    st.integers(0, 10**6),
)
def test_raising_any_figure_of_a_week_never_lowers_the_score(
    given_record: ActivityRecord, name: str, place: int, more: int
) -> None:
    weeks: list[Any] = list(given_record.weeks)
    if place >= len(weeks) or getattr(weeks[place], name) is None:
        return
    weeks[place] = replace(weeks[place], **{name: getattr(weeks[place], name) + more})

    before, after = (
        score_records(CARD, [given_record]),
        score_records(CARD, [replace(given_record, weeks=tuple(weeks))]),
    )

    assert after.exact >= before.exact


def test_own_posts_replies_and_reshares_earn_nothing() -> None:
    quiet = record(weeks=[week(0, posts=1, likes_received=50)], followers=100)
    loud = record(
        weeks=[week(0, posts=900, replies=800, reshares_made=700, likes_received=50)], followers=100
    )

    assert score_records(CARD, [loud]).exact == score_records(CARD, [quiet]).exact


def test_a_week_answered_on_two_networks_is_one_week_half_from_each() -> None:
    x = record(weeks=[week(0, likes_received=1), week(1, likes_received=1)])
    mastodon = record(Platform.MASTODON, weeks=[week(0, likes_received=9)])

    consistency = score_records(CARD, [x, mastodon]).criteria[-1]

    assert consistency.input == 2.0
    assert consistency.by_network[Platform.X] == pytest.approx(0.75 * consistency.points)


def test_missing_figures_are_shown_as_missing_and_an_empty_record_scores_1() -> None:
    result = score_records(CARD, [record()])

    assert (result.score, result.exact) == (1, 1.0)
    assert all(one.input is None and one.by_network == {} for one in result.criteria)
    assert result.networks[0].inputs.missing == tuple(Criterion)


def test_few_posts_widen_the_band_of_the_same_response() -> None:
    def width(posts: int) -> float:
        one = record(weeks=[week(0, posts=posts, likes_received=900, reshares_received=400)], followers=900)
        low, high = band(CARD, pool([platform_inputs(one)], CARD.units))
        return high - low

    assert width(1) > width(5) > width(20) > width(30) == width(300) > 0


def test_no_record_and_a_network_given_twice_are_refused() -> None:
    with pytest.raises(InputsRefused):
        score_records(CARD, [])
    with pytest.raises(InputsRefused, match="twice"):
        score_records(CARD, [record(), record()])


def test_a_network_the_unit_table_does_not_know_is_refused() -> None:
    card = replace(CARD, units=UnitTable(1, {Platform.X: CARD.units.networks[Platform.X]}))

    with pytest.raises(InputsRefused, match="mastodon"):
        score_records(card, [record(Platform.MASTODON, followers=5)])


def test_the_json_form_names_the_model_and_adds_up() -> None:
    x = record(weeks=[week(0, likes_received=50)], followers=1000)

    data = result_to_json(score_records(CARD, [x]))

    assert set(data) == {"score", "exact", "base", "band", "criteria", "networks", "model", "features"}
    assert data["model"] == CARD.digest
    assert data["exact"] == pytest.approx(
        data["base"] + sum(one["points"] for one in data["criteria"]), abs=1e-9
    )
    assert data["criteria"][0]["by_network"] == {"x": data["criteria"][0]["points"]}


def test_one_network_older_than_half_a_year_makes_a_score_unusable_for_anybodys_decision() -> None:
    fresh = record(Platform.X, [week(likes_received=3)])
    old = replace(fresh, platform=Platform.MASTODON, as_of=AS_OF - timedelta(days=183))

    assert is_usable(score_records(CARD, [fresh]), AS_OF)
    assert not is_usable(score_records(CARD, [fresh, old]), AS_OF)
    assert not is_usable(score_records(CARD, [fresh]), AS_OF + timedelta(days=183))
