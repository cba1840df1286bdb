"""What holds for every score holds for the published archives, raised figure by figure through the JSON."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from explain.attribution import compare
from model.card import load_card
from model.scoring import result_to_json, score_json_inputs, score_records
from sources.readers import read_archive
from sources.record_json import record_to_json
from tests.model.making import SHARED

ARCHIVES = SHARED / "data" / "archives"
FIXTURES = (
    "x/x_docnow_old_tweetjs_pseudonymised.zip",
    "x/x_smithjd_pseudonymised.zip",
    "mastodon/mastodon_dealingwith_pseudonymised.tar.gz",
    "mastodon/outbox_page_xposter_pseudonymised.json",
)
pytestmark = pytest.mark.skipif(
    not ARCHIVES.is_dir(), reason="the published archives (../shared) are not here"
)
CARD = load_card()


def read(name: str) -> dict[str, Any]:
    with (ARCHIVES / name).open("rb") as file:
        return record_to_json(read_archive(file))


def raised(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The record once for each figure, and once for each figure of its last weeks, with that one raised."""
    for key, value in record.items():
        if type(value) is int and key != "reader_version":
            yield record | {key: 3 * value + 1}
    for place in range(max(0, len(record["weeks"]) - 5), len(record["weeks"])):
        for key, value in record["weeks"][place].items():
            if type(value) is int:
                other = copy.deepcopy(record)
                other["weeks"][place][key] = 3 * value + 1
                yield other


@pytest.mark.parametrize("name", FIXTURES)
def test_the_score_of_a_published_archive_adds_up_never_falls_and_is_not_about_followers(name: str) -> None:
    record = read(name)
    result = score_json_inputs(CARD, record)

    attribution = compare(CARD, result_to_json(result))

    assert attribution.earned.total == pytest.approx(result.exact, abs=1e-9)
    assert attribution.comparison.total == pytest.approx(result.exact, abs=1e-9)
    for other in raised(record):
        assert score_json_inputs(CARD, other).exact >= result.exact
    tenfold = record | {"followers": 10 * (record["followers"] or 0)}
    assert score_json_inputs(CARD, tenfold).exact - result.exact <= 5


def test_an_archive_without_received_counters_has_them_missing_and_not_at_zero() -> None:
    result = score_json_inputs(CARD, read(FIXTURES[2]))

    assert all(one.input is None for one in result.criteria)
    assert result.exact == 1.0


def test_two_networks_are_at_least_worth_each_alone() -> None:
    with (ARCHIVES / FIXTURES[1]).open("rb") as x, (ARCHIVES / FIXTURES[2]).open("rb") as mastodon:
        both = [read_archive(x), read_archive(mastodon)]

    assert score_records(CARD, both).exact >= max(score_records(CARD, [one]).exact for one in both)
