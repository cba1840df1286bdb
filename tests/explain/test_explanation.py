"""The ten parts of an explanation: there for everybody, adding up, and nothing missing shown as zero."""

import json
from dataclasses import replace
from datetime import date, timedelta
from math import fsum
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator, FormatChecker

from explain.changes import changes
from explain.composition import explain
from explain.errors import DoesNotAddUp, TargetRefused
from explain.explanation import Availability, Ending, Explanation, Past, PastStatus
from explain.explanation_json import explanation_schema, explanation_to_json
from explain.wording import Language
from model.curve import Origin
from model.inputs import Criterion
from model.scoring import score_records
from sources.activity import ActivityRecord, Platform, Source
from tests.explain.drawing import CARD, other_card, some_records
from tests.model.making import AS_OF, record, week

VALIDATOR = Draft202012Validator(explanation_schema(), format_checker=FormatChecker())
PARTS = (
    "earned",
    "comparison",
    "reasons",
    "inputs",
    "pieces",
    "counterfactuals",
    "band",
    "coverage",
    "changes",
    "recipients",
)
TODAY = AS_OF + timedelta(days=1)


def x() -> ActivityRecord:
    weeks = [
        week(ago, posts=4, likes_received=90, reshares_received=12, replies_received=9) for ago in range(30)
    ]
    return record(weeks=weeks, followers=3120, first_day=date(2020, 1, 1))


def mastodon() -> ActivityRecord:
    weeks = [week(ago, likes_received=52) for ago in range(20, 45)]
    return record(Platform.MASTODON, weeks, followers=900)


def youtube() -> ActivityRecord:
    weeks = [week(ago, likes_received=5200, replies_received=100) for ago in range(10, 40)]
    return record(Platform.YOUTUBE, weeks, followers=9000, first_day=date(2026, 1, 1))


def past_of(*records: ActivityRecord) -> Past:
    """A last score on another card, of half the networks, and a consent that ended."""
    made = changes(score_records(other_card(), records[:1]), score_records(CARD, records), CARD)
    return Past(PastStatus.CHANGED, AS_OF, made, (Ending(Platform.REDDIT, AS_OF, is_withdrawn=True),))


PEOPLE: dict[str, Explanation] = {
    "one network": explain(score_records(CARD, [x()]), CARD, today=TODAY),
    "three networks": explain(
        score_records(CARD, [x(), mastodon(), youtube()]),
        CARD,
        today=TODAY,
        past=past_of(x(), mastodon(), youtube()),
    ),
    "stale data": explain(
        score_records(CARD, [x()]),
        CARD,
        today=AS_OF + timedelta(days=400),
        past=Past(PastStatus.FIRST),
        recipients=(),
    ),
    "after a new card": explain(
        score_records(other_card(), [x()]), other_card(), today=TODAY, past=Past(PastStatus.UNREADABLE)
    ),
    "nothing to score from": explain(score_records(CARD, [record()]), CARD, today=TODAY),
    "the highest score": explain(score_records(CARD, [x()]), CARD, today=TODAY, target=100),
}


def sent(about: Explanation, language: Language) -> dict[str, Any]:
    """What a client reads."""
    read: dict[str, Any] = json.loads(json.dumps(explanation_to_json(about, language), allow_nan=False))
    return read


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(explanation_schema())


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("about", PEOPLE.values(), ids=PEOPLE)
def test_every_part_is_there_in_numbers_and_in_words(about: Explanation, language: Language) -> None:
    document = sent(about, language)

    assert [error.message for error in VALIDATOR.iter_errors(document)] == []
    assert set(PARTS) <= document.keys()
    assert document["words"].keys() == {"summary", "corrections", *PARTS}
    for part in set(PARTS) - {"changes", "reasons"}:
        assert document["words"][part], part
    assert document["words"]["summary"]


@given(records=some_records())
@settings(deadline=None, max_examples=50)
def test_whoever_it_is_the_json_follows_the_schema_and_the_parts_add_up(
    records: list[ActivityRecord],
) -> None:
    about = explain(score_records(CARD, records), CARD, today=TODAY)

    document = sent(about, Language.EN)

    VALIDATOR.validate(document)
    for part in ("earned", "comparison"):
        rows, base = document[part]["criteria"], document[part]["base"]
        assert base + fsum(row["points"] for row in rows) == pytest.approx(about.result.exact, abs=1e-9)
        shown = document[part].get("shown_base", base)
        assert shown + fsum(row["shown_points"] for row in rows) == pytest.approx(about.result.score)
    for row in document["earned"]["criteria"]:
        if row["networks"]:
            split = fsum(network["shown_points"] for network in row["networks"])
            assert split == pytest.approx(row["shown_points"])


@given(records=some_records())
@settings(deadline=None, max_examples=50)
def test_nothing_missing_is_a_zero(records: list[ActivityRecord]) -> None:
    about = explain(score_records(CARD, records), CARD, today=TODAY)

    for given_for in about.inputs:
        for figure in given_for.networks:
            known = CARD.units.networks[figure.platform]
            if figure.availability is Availability.GIVEN:
                assert figure.own is not None
                assert figure.common is not None
            else:
                assert (figure.own, figure.common) == (None, None)
                has = given_for.criterion in known
                assert figure.availability is (Availability.MISSING if has else Availability.NO_SUCH_FIGURE)
        if all(figure.own is None for figure in given_for.networks):
            assert given_for.value is None
            assert given_for.piece is None


def test_a_network_without_such_a_figure_is_told_from_data_without_it() -> None:
    recognition = PEOPLE["three networks"].inputs[1]

    said = {figure.platform: figure.availability for figure in recognition.networks}
    assert said == {
        Platform.X: Availability.MISSING,
        Platform.MASTODON: Availability.NO_SUCH_FIGURE,
        Platform.YOUTUBE: Availability.NO_SUCH_FIGURE,
    }


def test_a_figure_stands_in_the_networks_own_unit_and_in_common_ones() -> None:
    appreciation = PEOPLE["three networks"].inputs[4]

    youtube_likes = next(one for one in appreciation.networks if one.platform is Platform.YOUTUBE)

    assert youtube_likes.own == pytest.approx(3000)
    assert youtube_likes.unit is not None
    assert youtube_likes.common == pytest.approx(3000 * youtube_likes.unit.factor)
    assert (youtube_likes.source, youtube_likes.as_of) == (Source.ARCHIVE, AS_OF)


def test_what_a_lead_is_worth_follows_from_the_card() -> None:
    steeper = replace(CARD, points_per_logit=CARD.points_per_logit / 2)
    result = score_records(CARD, [x()])

    usual, sharper = explain(result, CARD, today=TODAY).band, explain(result, steeper, today=TODAY).band

    assert 50 < usual.right_in_100 < sharper.right_in_100 <= 100
    assert all(CARD.curves[criterion].origin is Origin.LEARNED for criterion in usual.learned)
    assert Criterion.CONSISTENCY not in usual.learned


def test_stale_data_are_said_to_be_so_and_fresh_ones_are_not() -> None:
    stale, fresh = (sent(PEOPLE[name], Language.EN) for name in ("stale data", "one network"))

    assert [one["is_stale"] for one in stale["coverage"]] == [True]
    assert [one["is_stale"] for one in fresh["coverage"]] == [False]
    assert any("older than half a year" in line for line in stale["words"]["summary"])
    assert not any("older than half a year" in line for line in fresh["words"]["summary"])


def test_a_score_is_not_explained_with_a_card_it_did_not_come_from() -> None:
    result = score_records(CARD, [x()])

    with pytest.raises(DoesNotAddUp):
        explain(result, other_card(), today=TODAY)


def test_only_a_score_there_is_can_be_asked_for() -> None:
    result = score_records(CARD, [x()])

    with pytest.raises(TargetRefused):
        explain(result, CARD, today=TODAY, target=101)
