"""A criterion in sentences, complete in both languages."""

from datetime import date

import pytest

from explain.composition import explain
from explain.sentences import Told, tell
from explain.statement import catalog
from explain.wording import Language
from model.card import load_card
from model.inputs import Criterion
from model.scoring import score_records
from sources.activity import Platform
from tests.model.making import AS_OF, record, week

CARD = load_card()


def told(language: Language, today: date = AS_OF) -> Told:
    x = record(
        weeks=[week(0, posts=40, likes_received=5200, reshares_received=520)],
        followers=3120,
        first_day=date(2020, 1, 1),
    )
    mastodon = record(Platform.MASTODON, weeks=[week(1, likes_received=52)], followers=10**9)
    return tell(explain(score_records(CARD, [x, mastodon]), CARD, today=today), language)


@pytest.mark.parametrize("language", Language)
def test_every_criterion_is_stated_and_the_shown_points_add_up_to_the_shown_score(language: Language) -> None:
    result = score_records(CARD, [record(weeks=[week(0, likes_received=5200)], followers=3120)])

    criteria = tell(explain(result, CARD, today=AS_OF), language).criteria

    assert [one.key for one in criteria] == [criterion.value for criterion in Criterion]
    assert sum(one.shown_points for one in criteria) == pytest.approx(result.score - 1)
    assert all(one.name and one.measures and one.input and one.points for one in criteria)


def test_the_input_the_piece_and_the_points_are_said_in_english_and_in_german() -> None:
    english, german = told(Language.EN).criteria[4], told(Language.DE).criteria[4]

    assert english.input == "101.0 likes a week."
    assert german.input == "101,0 Likes pro Woche."
    assert english.piece.startswith("Between 20 and 180 likes a week")
    assert german.piece.startswith("Zwischen 20 und 180 Likes pro Woche")


def test_an_input_beyond_the_last_knot_and_a_missing_one_are_said_as_such() -> None:
    audience, recognition = told(Language.EN).criteria[:2]

    assert audience.piece == "From 3,000,000 followers on the curve gives 20.0 points."
    assert recognition.is_missing
    assert "not the same as zero" in recognition.input
    assert recognition.points == "Missing, hence none of at most 20 points."
    assert (recognition.piece, recognition.networks) == ("", ())


def test_networks_are_said_with_their_window_and_stale_ones_with_a_hint() -> None:
    fresh, stale = told(Language.EN).coverage, told(Language.EN, date(2027, 8, 1)).coverage

    assert "X: 52 of the 52 weeks from 24 November 2025 to 22 November 2026." in fresh
    assert any("Mastodon alone" in line for line in fresh)
    assert not any("older than half a year" in line for line in fresh)
    assert sum("older than half a year" in line for line in stale) == 2


def test_every_key_of_the_catalogs_about_criteria_is_there_for_each_of_them() -> None:
    keys = catalog().keys(Language.EN)

    for criterion in Criterion:
        for part in ("name", "measures", "input.one", "input.other", "piece", "beyond"):
            assert f"criterion.{criterion}.{part}" in keys
    for platform in Platform:
        assert f"network.{platform}" in keys
