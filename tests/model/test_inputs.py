"""One network's record becomes six inputs; what is absent stays absent."""

from datetime import date
from typing import Any

import pytest

from model.errors import InputsRefused
from model.inputs import Criterion, platform_inputs
from sources.activity import Metric
from tests.model.making import AS_OF, record, week


def test_responses_are_summed_over_the_window_and_divided_by_52_whatever_the_number_of_weeks_seen() -> None:
    given = record(
        weeks=[week(0, likes_received=30), week(51, likes_received=22), week(52, likes_received=999)]
    )

    inputs = platform_inputs(given)

    assert inputs.values[Criterion.APPRECIATION] == 1.0
    assert inputs.values[Criterion.CONSISTENCY] == 2.0
    assert inputs.posts == 2


def test_the_window_is_52_whole_iso_weeks_that_end_with_the_week_of_the_data() -> None:
    inputs = platform_inputs(record(as_of=date(2026, 11, 18)))

    assert inputs.window is not None
    assert (inputs.window.starts_on, inputs.window.ends_on) == (date(2025, 11, 24), AS_OF)


def test_a_later_end_moves_the_window_and_old_weeks_fall_out_of_it() -> None:
    given = record(weeks=[week(40, reshares_received=52)])

    now, later = platform_inputs(given), platform_inputs(given, ends_on=date(2027, 11, 1))

    assert now.values[Criterion.AMPLIFICATION] == 1.0
    assert later.values[Criterion.AMPLIFICATION] == 0.0


@pytest.mark.parametrize(
    ("metric", "criterion"),
    [
        (Metric.FOLLOWERS, Criterion.AUDIENCE),
        (Metric.LISTED, Criterion.RECOGNITION),
        (Metric.REPLIES_RECEIVED, Criterion.CONVERSATION),
        (Metric.RESHARES_RECEIVED, Criterion.AMPLIFICATION),
        (Metric.LIKES_RECEIVED, Criterion.APPRECIATION),
    ],
)
def test_a_figure_the_format_does_not_give_is_missing_and_a_zero_is_a_zero(
    metric: Metric, criterion: Criterion
) -> None:
    zero: dict[str, Any] = {metric.value: 0}

    absent, nothing = platform_inputs(record()), platform_inputs(record(**zero))

    assert absent.values[criterion] is None
    assert nothing.values[criterion] == 0.0


def test_consistency_is_missing_where_the_format_has_no_received_counters() -> None:
    silent = record(weeks=[week(0), week(1)])
    ignored = record(weeks=[week(0, likes_received=0), week(1, likes_received=0)])

    assert platform_inputs(silent).values[Criterion.CONSISTENCY] is None
    assert platform_inputs(ignored).values[Criterion.CONSISTENCY] == 0.0


def test_totals_without_weeks_are_spread_over_their_days_and_only_the_window_counts() -> None:
    within = record(likes_received=520, first_day=date(2026, 1, 1), last_day=date(2026, 6, 30))
    half_before = record(likes_received=520, first_day=date(2024, 11, 25), last_day=AS_OF)

    assert platform_inputs(within).values[Criterion.APPRECIATION] == 10.0
    assert platform_inputs(half_before).values[Criterion.APPRECIATION] == pytest.approx(5.0)
    assert platform_inputs(within).values[Criterion.CONSISTENCY] is None


def test_a_total_stands_in_for_a_figure_that_no_week_gives() -> None:
    given = record(weeks=[week(0, likes_received=52)], replies_received=104)

    inputs = platform_inputs(given)

    assert inputs.values[Criterion.APPRECIATION] == 1.0
    assert inputs.values[Criterion.CONVERSATION] == 2.0


def test_the_weeks_seen_reach_from_the_first_day_to_the_end_of_the_window() -> None:
    assert platform_inputs(record(first_day=date(2020, 1, 1))).weeks_seen == 52
    assert platform_inputs(record(first_day=date(2026, 11, 16))).weeks_seen == 1
    assert platform_inputs(record(weeks=[week(3)])).weeks_seen == 4
    assert platform_inputs(record()).weeks_seen == 0


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(InputsRefused, match="audience"):
        platform_inputs(record(followers=-1))
