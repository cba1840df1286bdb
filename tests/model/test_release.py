"""Released cards: which one is in force, and that a score keeps the card it was computed with."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update

from audit.entry import parse
from audit.stored import StoredLog
from explain.report import score_report
from model.card import card_from_bytes, load_card
from model.distribution import Distribution
from model.errors import CardRefused, ReleaseRefused
from model.release import (
    CardRelease,
    active_card,
    find_card,
    record_first,
    record_release,
    releases,
    result_on,
    upcoming,
)
from model.score import Score, compute
from model.scoring import score_records
from sources.activity import Platform
from tests.app.releasing_people import another_platform_record, bring, scored_person
from tests.model.making import changed_card, record, week

NOBODY = Distribution(None, ())


def kinder_card(version="kinder"):
    """A card on which the first likes earn what only many do on the committed one."""

    def change(document):
        document["version"] = version
        curve = next(one for one in document["criteria"] if one["name"] == "appreciation")
        curve["points"] = [0] + curve["points"][-1:] * (len(curve["points"]) - 1)

    return card_from_bytes(changed_card(change))


def announce(house, card, days=14):
    with house.open_vault("operator") as vault:
        return record_release(vault, card, vault.now() + timedelta(days=days), NOBODY)


def report(house, subject_id):
    with house.open_reading_vault() as vault:
        return score_report(vault, subject_id)


def count_scores(house):
    with house.open_reading_vault() as vault:
        return vault.session.scalar(select(func.count()).select_from(Score))


@contextmanager
def queries(house) -> Iterator[list[str]]:
    """Every statement to the data database meanwhile."""
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_: object) -> None:
        asked.append(statement)

    event.listen(house.data, "before_cursor_execute", note)
    yield asked
    event.remove(house.data, "before_cursor_execute", note)


def test_preparing_releases_the_committed_card_once(house):
    with house.open_vault("system") as vault:
        assert record_first(vault) is False

    with house.open_reading_vault() as vault:
        (first,) = releases(vault)
        assert (first.number, first.digest, first.distribution) == (1, load_card().digest, None)
        assert active_card(vault) is load_card()
        assert upcoming(vault) is None


def test_a_card_is_in_force_from_its_instant_on_and_not_before(house, clock):
    card = kinder_card()

    announce(house, card)

    with house.open_reading_vault() as vault:
        assert [one.digest for one in (upcoming(vault),) if one] == [card.digest]
        assert active_card(vault) is load_card()
    clock.advance(timedelta(days=14))
    with house.open_reading_vault() as vault:
        assert upcoming(vault) is None
        assert active_card(vault).digest == card.digest
        assert [one.number for one in releases(vault)] == [2, 1]


def test_a_card_that_ships_with_newer_software_changes_nothing(house, clock):
    card = kinder_card()
    announce(house, card, days=0)

    with house.open_vault("system") as vault:  # what `prepare` does after an upgrade
        record_first(vault)

    with house.open_reading_vault() as vault:
        assert active_card(vault).digest == card.digest != load_card().digest


def test_every_released_card_is_found_again_and_an_unknown_one_is_not(house, clock):
    card = kinder_card()
    announce(house, card)

    with house.open_reading_vault() as vault:
        found = find_card(vault, card.digest)
        assert found is not None
        assert found.document == card.document
        assert find_card(vault, card.digest) is found
        assert find_card(vault, load_card().digest) is load_card()
        assert find_card(vault, "0" * 64) is None


@pytest.mark.parametrize(
    "broken", ["", "{}", json.dumps({"schema": "klarwert-points-card/2"}), "committed", "altered"]
)
def test_a_released_card_that_was_altered_in_the_database_is_refused(house, broken):
    card = kinder_card(f"altered {broken}")
    altered = card_from_bytes(changed_card(lambda document: document.update(version="other")))
    content = {"committed": load_card().document, "altered": altered.document}.get(broken)
    announce(house, card, days=0)
    with house.open_vault("system") as vault:
        text = json.dumps(dict(content)) if content else broken
        vault.session.execute(update(CardRelease).where(CardRelease.number == 2).values(card=text))

    with house.open_reading_vault() as vault, pytest.raises(CardRefused):
        active_card(vault)


def test_what_would_change_nothing_is_refused(house):
    with pytest.raises(ReleaseRefused, match="in force"):
        announce(house, load_card())


def test_nothing_is_released_on_top_of_an_announced_card(house, clock):
    announce(house, kinder_card())

    with pytest.raises(ReleaseRefused, match="2026-12-04 already"):
        announce(house, kinder_card("another"))

    clock.advance(timedelta(days=14))
    assert announce(house, load_card()).number == 3  # back to the one before


def test_a_card_that_leaves_a_figure_out_is_refused(house):
    def without_mastodons_likes(document):
        del document["units"]["networks"]["mastodon"]["appreciation"]

    card = card_from_bytes(changed_card(without_mastodons_likes))

    with pytest.raises(ReleaseRefused, match="mastodon"):
        announce(house, card)


def test_the_inputs_of_a_score_give_on_another_card_what_scoring_the_records_there_gives():
    records = [record(weeks=[week(likes_received=300)]), another_platform_record()]
    on_old = score_records(load_card(), records)

    on_new = result_on(kinder_card(), on_old)

    assert on_new == score_records(kinder_card(), records)
    assert on_new.exact > on_old.exact


def test_a_score_is_computed_on_the_card_in_force_and_compared_on_its_own(house, clock):
    subject_id = scored_person(house, 1)
    before = report(house, subject_id)
    announce(house, kinder_card())
    announced = report(house, subject_id)
    clock.advance(timedelta(days=14))
    still_old = report(house, subject_id)

    with house.open_vault("worker") as vault:
        compute(vault, subject_id)

    after = report(house, subject_id)
    assert (before.upcoming, still_old.upcoming, after.upcoming) == (None, None, None)
    assert announced.upcoming.result == result_on(kinder_card(), before.result)
    assert announced.upcoming.effective_at == clock.now
    assert before.card is still_old.card is load_card()
    assert still_old.comparison.comparison == before.comparison.comparison
    assert after.card.digest == kinder_card().digest == after.result.model
    assert after.result.score == announced.upcoming.result.score
    assert after.comparison is not None


def test_reading_a_score_costs_one_query_for_cards_and_scores_together(house):
    subject_id = scored_person(house, 1)

    with queries(house) as asked:
        report(house, subject_id)

    assert sum("card_release" in one for one in asked) == sum("FROM score" in one for one in asked) == 1


def test_a_score_that_says_the_same_is_stored_and_logged_once(house):
    subject_id = scored_person(house, 1)

    with house.open_vault("worker") as vault:
        first = vault.session.scalar(select(Score))
        again = compute(vault, subject_id)

    assert again is first
    assert count_scores(house) == 1
    with house.open_reading_vault("system") as vault:
        log = StoredLog(vault.session)
        actions = [str(parse(body).action) for body, _ in log.entries(0, log.size)]
    assert actions.count("score.computed") == 1
    assert actions.count("record.read") == 2


def test_new_inputs_another_network_or_another_card_make_another_score(house, clock):
    subject_id = scored_person(house, 1)

    bring(house, subject_id, record(weeks=[week(likes_received=301)]))
    assert count_scores(house) == 2
    bring(house, subject_id, another_platform_record())
    assert count_scores(house) == 3
    announce(house, kinder_card(), days=0)
    with house.open_vault("worker") as vault:
        compute(vault, subject_id)

    assert count_scores(house) == 4
    assert report(house, subject_id).platforms == (Platform.MASTODON, Platform.X)
