"""Inputs typed by hand: only what is known is read, and little is required."""

import pytest

from model.card import load_card
from model.errors import InputsRefused
from model.inputs import Criterion
from model.scoring import score_json_inputs, score_records
from model.whatif import records_from_inputs
from sources.activity import Metric, Platform
from sources.record_json import record_to_json
from tests.model.making import record, week

CARD = load_card()


def test_a_record_as_it_is_read_scores_the_same_from_its_json() -> None:
    given = record(weeks=[week(2, likes_received=70, reshares_received=9)], followers=321)

    assert score_json_inputs(CARD, record_to_json(given)) == score_records(CARD, [given])


def test_one_object_a_list_and_a_records_key_mean_the_same() -> None:
    one = {"platform": "mastodon", "followers": 500, "likes_received": 5200}

    results = [score_json_inputs(CARD, data) for data in (one, [one], {"records": [one]})]

    assert results[0] == results[1] == results[2]
    assert results[0].criteria[4].input == 100.0


def test_what_is_left_out_is_missing_and_filling_in_a_missing_figure_counts() -> None:
    data = {"platform": "x", "followers": 10, "listed": 40, "missing": ["listed"]}

    (only,) = records_from_inputs(data)

    assert Metric.LISTED not in only.missing
    assert Metric.LIKES_RECEIVED in only.missing
    assert score_json_inputs(CARD, data).criteria[1].input == 40.0


def test_weeks_may_be_given_in_any_order_and_without_what_is_not_known() -> None:
    data = {
        "platform": "x",
        "weeks": [{"week": "2026-W06", "likes_received": 52}, {"week": "2026-W05", "replies_received": 1}],
    }

    result = score_json_inputs(CARD, data)

    by_name = {one.name: one.input for one in result.criteria}
    assert by_name[Criterion.APPRECIATION] == 1.0
    assert by_name[Criterion.CONSISTENCY] == 2.0
    assert by_name[Criterion.AMPLIFICATION] is None


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ([], "no record"),
        ("x", "JSON object"),
        ({"followers": 1}, "platform"),
        ({"platform": "myspace"}, "platform"),
        ({"platform": "x", "handle": "somebody"}, "1 keys"),
        ({"platform": "x", "followers": -1}, "followers"),
        ({"platform": "x", "followers": 1.5}, "followers"),
        ({"platform": "x", "followers": True}, "followers"),
        ({"platform": "x", "followers": "12"}, "followers"),
        ({"platform": "x", "likes_received": 10**400}, "likes_received"),
        ({"platform": "x", "first_day": "yesterday"}, "first_day"),
        ({"platform": "x", "weeks": {}}, "weeks"),
        ({"platform": "x", "weeks": [{"week": "2026-W60"}]}, "week"),
        ({"platform": "x", "weeks": [{"week": "2026-W05"}, {"week": "2026-W05"}]}, "twice"),
        ({"platform": "x", "weeks": [{"week": "2026-W05", "text": "hello"}]}, "1 keys"),
    ],
)
def test_what_is_not_a_record_is_refused_naming_the_key_and_never_the_value(data: object, named: str) -> None:
    with pytest.raises(InputsRefused, match=named) as refused:
        records_from_inputs(data)

    assert "somebody" not in str(refused.value)
    assert "myspace" not in str(refused.value)


def test_a_network_given_twice_is_refused() -> None:
    with pytest.raises(InputsRefused, match="twice"):
        score_json_inputs(CARD, [{"platform": "x"}, {"platform": Platform.X.value}])
