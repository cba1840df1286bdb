"""Where bars and lines lie."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chart import (
    PLOT_BOTTOM,
    PLOT_LEFT,
    PLOT_RIGHT,
    PLOT_TOP,
    WIDTH,
    bars,
    diverging,
    height_of,
    on_scale,
    round_top,
    steps,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_bars_are_in_proportion_and_their_pieces_lie_end_to_end() -> None:
    (first, second) = bars([([5.0, 10.0], 20.0), ([4.0], 10.0)]).rows

    assert first.track.width == WIDTH
    assert [(piece.x, piece.width) for piece in first.pieces] == [(0.0, WIDTH / 4), (WIDTH / 4, WIDTH / 2)]
    assert second.track.width == WIDTH / 2
    assert second.pieces[0].width == WIDTH / 5


def test_parts_that_take_away_lie_left_of_zero_and_parts_that_add_lie_right() -> None:
    less, more = diverging([-4.0, 2.0]).rows

    assert (less.pieces[0].x, less.pieces[0].width) == (0.0, WIDTH / 2)
    assert (more.pieces[0].x, more.pieces[0].width) == (WIDTH / 2, WIDTH / 4)


def test_no_difference_at_all_is_drawn_as_nothing() -> None:
    assert {row.pieces[0].width for row in diverging([0.0, 0.0]).rows} == {0.0}


def test_the_scale_goes_from_one_to_a_hundred() -> None:
    assert (on_scale(1), on_scale(100)) == (0.0, WIDTH)


def test_a_score_holds_until_the_next_one() -> None:
    line = steps([(NOON, 10), (NOON + timedelta(days=1), 20), (NOON + timedelta(days=2), 15)])

    middle = (PLOT_LEFT + PLOT_RIGHT) / 2
    assert line.path == (
        f"M{PLOT_LEFT} {height_of(10)}H{middle}V{height_of(20)}H{PLOT_RIGHT}V{height_of(15)}"
    )


def test_one_score_is_a_level_line_and_none_is_no_line() -> None:
    assert steps([(NOON, 40)]).path == f"M{PLOT_LEFT} {height_of(40)}H{PLOT_RIGHT}"
    assert steps([]).path == ""


@given(st.lists(st.integers(1, 100), min_size=1, max_size=50))
def test_every_point_lies_inside_the_plot(scores: list[int]) -> None:
    line = steps([(NOON + timedelta(hours=hour), score) for hour, score in enumerate(scores)])

    assert all(PLOT_LEFT <= point.x <= PLOT_RIGHT for point in line.points)
    assert all(PLOT_TOP <= point.y <= PLOT_BOTTOM for point in line.points)
    assert [point.y for point in line.points] == pytest.approx([height_of(score) for score in scores])


@pytest.mark.parametrize(
    ("value", "top"),
    [(0, 4), (1, 4), (4, 4), (5, 8), (9, 12), (41, 60), (100, 100), (2756, 3000), (3001, 4000)],
)
def test_a_scale_ends_at_a_round_number_above_what_it_shows(value, top):
    assert round_top(value) == top


def test_a_scale_has_whole_steps_and_wastes_less_than_half() -> None:
    for value in range(1, 5000):
        top = round_top(value)
        assert top % 4 == 0
        assert value <= top <= max(4, 2 * value)
