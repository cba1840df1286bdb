"""The distribution of changes: everybody is in it, and nobody stands alone in it."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from model.distribution import (
    ChangeBin,
    K,
    bins_of,
    distribution_from_json,
    distribution_to_json,
    publishable,
)

counts = st.dictionaries(st.integers(-99, 99), st.integers(0, 40), max_size=30)


@settings(deadline=None)
@given(counts)
def test_every_bin_holds_ten_people_and_together_they_hold_everybody(changes):
    bins = bins_of(changes)

    people = sum(changes.values())
    assert sum(one.people for one in bins) == (people if people >= K else 0)
    assert all(one.people >= K for one in bins)


@settings(deadline=None)
@given(counts)
def test_bins_rise_without_a_gap_and_each_holds_whom_it_says(changes):
    bins = bins_of(changes)

    for left, right in pairwise(bins):
        assert left.highest is not None
        assert right.lowest == left.highest + 1
    for one in bins:
        lowest = -100 if one.lowest is None else one.lowest
        highest = 100 if one.highest is None else one.highest
        assert one.people == sum(count for point, count in changes.items() if lowest <= point <= highest)


@settings(deadline=None)
@given(counts)
def test_an_outer_end_is_named_only_where_ten_people_share_it(changes):
    bins = bins_of(changes)

    if bins:
        for end in (bins[0].lowest, bins[-1].highest):
            assert end is None or changes[end] >= K


@settings(deadline=None)
@given(counts)
def test_what_is_published_is_in_tens_and_its_total_says_nothing_more(changes):
    published = publishable(changes)

    assert all(one.people % 10 == 0 and one.people >= K for one in published.bins)
    assert published.people == (sum(one.people for one in published.bins) or None)
    assert distribution_from_json(distribution_to_json(published)) == published


def test_fewer_than_ten_people_are_not_shown_at_all():
    published = publishable({0: 5, 3: 4})

    assert (published.people, published.bins) == (None, ())


def test_neighbours_are_merged_and_what_many_share_stays_a_bin_of_its_own():
    bins = bins_of({-4: 1, -1: 9, 0: 100, 1: 30, 7: 2})

    assert bins == (ChangeBin(None, -1, 10), ChangeBin(0, 0, 100), ChangeBin(1, None, 32))


def test_one_person_more_does_not_show_within_a_ten():
    assert publishable({0: 26, 1: 30}) == publishable({0: 27, 1: 30}) == publishable({0: 27, 1: 31})
