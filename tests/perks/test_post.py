"""Promised posts: the verdict on the label, time to mend it, and what a creator can show."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from explain.report import score_report
from perks.claim import claim
from perks.deadlines import miss_due
from perks.evidence import evidence
from perks.label.check import Outcome
from perks.label.post import Country
from perks.life import StepIllegal
from perks.offer import find_published
from perks.participation import require_participation
from perks.post import PerkPost, PostUnfit, posts_of, rules_asked, submit_post
from sources.activity import Platform
from tests.perks.offering import new_brand
from tests.perks.taking_part import GOOD_POST, agreed, an_offer, quick_creator, state_of

BAD = replace(GOOD_POST, text="So sieht mein Beet jetzt aus! Danke an Rosengarten. #garten #liebe #anzeige")


@pytest.fixture
def house(sqlite_house):
    """Nothing here depends on the engine."""
    return sqlite_house


@pytest.fixture
def person(house):
    return quick_creator(house)


@pytest.fixture
def offer(house, person):
    made = an_offer(house, new_brand(house))
    agreed(house, person.subject_id, made)
    with house.open_vault("subject") as vault:
        claim(vault, person.subject_id, made)
    return made


def hand_in(house, person, offer, submission):
    with house.open_vault("subject") as vault:
        return submit_post(vault, person.subject_id, offer, submission)


def part(house, person, offer):
    with house.open_reading_vault() as vault:
        return require_participation(vault, person.subject_id, offer)


def test_a_labelled_post_is_all_that_was_promised(house, person, offer):
    verdict = hand_in(house, person, offer, GOOD_POST)

    assert verdict.outcome is Outcome.OK
    assert state_of(house, person.subject_id, offer) == "done"
    with pytest.raises(StepIllegal):
        hand_in(house, person, offer, GOOD_POST)


def test_a_label_that_lacks_is_told_with_its_rule_and_may_be_mended_and_no_score_moves(
    house, person, offer, clock
):
    with house.open_reading_vault() as vault:
        before = score_report(vault, person.subject_id)

    verdict = hand_in(house, person, offer, BAD)

    assert verdict.outcome is not Outcome.OK
    assert (verdict.rule.id, verdict.suggestion) != ("", "")
    assert state_of(house, person.subject_id, offer) == "label_missing"
    assert part(house, person, offer).due_at == clock() + timedelta(hours=verdict.fix_hours)
    clock.advance(timedelta(hours=verdict.fix_hours))
    with house.open_vault("worker") as vault:
        assert miss_due(vault) == 1
    assert state_of(house, person.subject_id, offer) == "post_missed"
    hand_in(house, person, offer, GOOD_POST)
    assert state_of(house, person.subject_id, offer) == "done"
    with house.open_reading_vault() as vault:
        after = score_report(vault, person.subject_id)
        kept = posts_of(vault, require_participation(vault, person.subject_id, offer))
    assert before is not None
    assert after is not None
    assert after.result == before.result
    assert [post.outcome for post in kept] == [verdict.outcome, Outcome.OK]


def test_of_a_post_its_address_and_verdict_are_kept_sealed_and_its_text_never(house, person, offer):
    hand_in(house, person, offer, BAD)

    with house.open_reading_vault("system") as vault:
        rows = vault.connection.execute(select(PerkPost.__table__)).all()
    said = repr(rows).encode()
    assert len(rows) == 1
    assert b"Beet" not in said
    assert b"instagram.com" not in said


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"platform": Platform.X}, "platform"),
        ({"country": "FR"}, "country"),
        ({"url": "http://www.instagram.com/p/abc123/"}, "url"),
        ({"url": "https://name@www.instagram.com/"}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"text": " "}, "text"),
        ({"text": "x" * 40_000}, "text"),
    ],
)
def test_what_cannot_be_the_promised_post_is_refused_and_changes_nothing(house, person, offer, change, field):
    with pytest.raises(PostUnfit) as refused:
        hand_in(house, person, offer, replace(GOOD_POST, **change))

    assert refused.value.field == field
    assert state_of(house, person.subject_id, offer) == "post_due"


def test_where_nobody_wrote_down_the_rules_of_a_country_the_strictest_are_asked():
    assert rules_asked("AT") is Country.AT
    assert rules_asked("FR") is Country.DE


def test_what_was_paid_and_that_nothing_was_stands_in_the_evidence(house, person, offer):
    unpaid = an_offer(house, brand_of(house, offer))
    agreed(house, person.subject_id, unpaid)
    hand_in(house, person, offer, GOOD_POST)

    with house.open_reading_vault() as vault:
        shown = {one["offer"]["id"]: one for one in evidence(vault, person.subject_id)["parts"]}

    paid, free = shown[str(offer)], shown[str(unpaid)]
    assert (paid["payer"], paid["brand"], paid["is_paid"]) == ("Rosengarten GmbH", "Rosengarten GmbH", True)
    assert paid["received"]["value"] == {"cents": 4800, "currency": "EUR"}
    assert [(post["url"], post["label"]) for post in paid["posts"]] == [(GOOD_POST.url, "ok")]
    assert (free["is_paid"], free["received"], free["posts"]) == (False, None, [])


def brand_of(house, offer):
    with house.open_reading_vault() as vault:
        return find_published(vault, offer).recipient.id
