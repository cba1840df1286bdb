"""The checker agrees with what we judged from the sources: 95 of 100 right, and hardly ever a false “ok”."""

from pathlib import Path

import pytest

from perks.label.check import Outcome, check
from perks.label.rules import all_sources
from tests.perks.label.judged import ALL, LAST, MENDED_AFTER, WRITTEN_FIRST, Judged, judged


@pytest.mark.parametrize(
    "files", [WRITTEN_FIRST, MENDED_AFTER, LAST], ids=["written first", "mended after", "last"]
)
def test_at_least_95_in_100_verdicts_are_right_and_at_most_1_in_100_a_false_ok(
    files: tuple[Path, ...],
) -> None:
    posts = judged(files)

    outcomes = [check(one.post).outcome for one in posts]

    right = [one for one, outcome in zip(posts, outcomes, strict=True) if outcome is one.right]
    passed = [one for one, outcome in zip(posts, outcomes, strict=True) if outcome is Outcome.OK]
    assert len(right) >= 0.95 * len(posts)
    assert sum(one.right is not Outcome.OK for one in passed) <= 0.01 * len(posts)


def test_there_are_over_120_examples_in_two_languages_on_five_platforms_for_four_countries() -> None:
    posts = judged(ALL)

    assert len(posts) >= 120
    assert len(
        {one.post.text + "\n".join(one.post.frames) + one.post.country + one.right for one in posts}
    ) > 0.9 * len(posts)
    assert len({one.post.language for one in posts}) == 2
    assert len({one.post.platform for one in posts}) >= 5
    assert len({one.post.country for one in posts}) == 4
    assert {one.right for one in posts} == set(Outcome)


def test_nine_in_ten_verdicts_rest_on_the_very_source_the_example_names() -> None:
    posts = judged(ALL)

    agreeing = [one for one in posts if one.source in {source.id for source in check(one.post).rule.sources}]

    assert len(agreeing) >= 0.9 * len(posts)


def test_every_example_names_a_source_of_its_country_that_is_on_the_list() -> None:
    posts = judged(ALL)

    astray = [one for one in posts if not _fits(one)]

    assert astray == []


def _fits(one: Judged) -> bool:
    return one.source in all_sources() and one.source.startswith(one.post.country.value.lower())
