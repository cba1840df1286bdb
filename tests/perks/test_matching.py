"""Matching on the person's own side: reasons, nearest change, human review; and nothing for a brand."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from audit.entry import Outcome, parse
from audit.stored import StoredLog
from consent.access import accesses
from consent.errors import ConsentMissing
from explain.report import score_report
from perks.eligibility import Code
from perks.handover import preview
from perks.judgement import PerkJudgement, find_judgement
from perks.life import StepIllegal
from perks.matching import OfferNotOpen, look, look_again, take_part, visible_offers
from perks.participation import Participation, require_participation
from perks.profile import PerkProfile, ProfileUnfit, write_profile
from perks.review import AdmissionBeyond, ReviewUnfit, admit, ask_review, confirm, open_review, waiting
from sources.activity import Platform
from tests.people import withdraw_consent
from tests.perks.offering import new_brand
from tests.perks.taking_part import CHOSEN, REACHED, an_offer, opted_in, quick_creator, state_of


@pytest.fixture
def house(sqlite_house):
    """Nothing here depends on the engine; the machine of test_life_machine.py walks it on both."""
    return sqlite_house


OUT_OF_REACH = {**REACHED, "min_score": 60}


def judgement(house, subject_id, offer_id, actor="subject"):
    with house.open_vault(actor) as vault:
        found = find_judgement(vault, require_participation(vault, subject_id, offer_id))
        assert found is not None
        return found


def test_without_a_consent_to_matching_nothing_is_worked_out(house, person):
    offer = an_offer(house, new_brand(house))

    for ask in (visible_offers, lambda vault, who: take_part(vault, who, offer)):
        with pytest.raises(ConsentMissing), house.open_vault("subject") as vault:
            ask(vault, person.subject_id)


def test_looking_stores_nothing_and_what_one_reaches_comes_first(house):
    person = quick_creator(house)
    brand = new_brand(house)
    far = an_offer(house, brand, criteria=OUT_OF_REACH, closes_on="2026-11-30")
    later = an_offer(house, brand, closes_on="2026-12-20")
    sooner = an_offer(house, brand, closes_on="2026-12-10")

    with house.open_reading_vault() as vault:
        seen = visible_offers(vault, person.subject_id)
        kept = [vault.session.scalar(select(func.count(t.id))) for t in (Participation, PerkJudgement)]

    assert [one.offer.id for one in seen] == [sooner, later, far]
    assert [one.judgement.is_eligible for one in seen] == [True, True, False]
    assert kept == [0, 0]


def test_a_no_comes_with_every_reason_and_the_nearest_change_that_keeps_its_promise(house):
    person = quick_creator(house)
    criteria = {**OUT_OF_REACH, "min_points": {"consistency": 9}, "countries": ["FR"], "niches": ["baking"]}
    offer = an_offer(house, new_brand(house), criteria=criteria, expected=None, label=[])

    opted_in(house, person.subject_id, offer)

    found = judgement(house, person.subject_id, offer)
    assert state_of(house, person.subject_id, offer) == "not_eligible"
    assert [one["code"] for one in found["reasons"]] == ["score", "points", "country", "niches"]
    with house.open_reading_vault() as vault:
        report = score_report(vault, person.subject_id)
    assert report is not None
    assert found["reasons"][0]["has"] == report.result.score
    whole, alone = found["nearest"]
    assert whole["score"] >= 60 if whole["is_reachable"] else whole["highest_score"] < 60
    assert alone["criterion"] == "consistency"
    assert alone["changes"][0]["points"] + found["reasons"][1]["has"] >= 9


def test_a_finding_rests_on_matching_and_on_each_networks_score(house):
    person = quick_creator(house)
    offer = an_offer(house, new_brand(house))
    opted_in(house, person.subject_id, offer)

    withdraw_consent(house, person, Platform.X)

    with house.open_reading_vault() as vault:
        participation = require_participation(vault, person.subject_id, offer)
        assert find_judgement(vault, participation) is None
        assert vault.session.scalar(select(func.count(PerkJudgement.id))) == 0


def test_a_score_on_old_data_serves_no_decision(house, clock):
    person = quick_creator(house)
    clock.advance(timedelta(days=200))
    offer = an_offer(house, new_brand(house), opens_on="2027-06-01", closes_on="2027-07-01")

    clock.advance(timedelta(days=1))

    with house.open_reading_vault() as vault:
        seen = look(vault, person.subject_id, offer)
    assert [reason.code for reason in seen.judgement.reasons] == [Code.STALE]


def test_better_figures_are_looked_at_again_and_worse_ones_before_a_yes(house):
    person = quick_creator(house)
    offer = an_offer(house, new_brand(house), criteria={**REACHED, "niches": ["baking"]})
    opted_in(house, person.subject_id, offer)
    assert state_of(house, person.subject_id, offer) == "not_eligible"

    choose(house, person, PerkProfile("DE", CHOSEN.languages, frozenset({"baking"}), "Ada", CHOSEN.handles))
    with house.open_vault("subject") as vault:
        look_again(vault, person.subject_id, offer)
    assert state_of(house, person.subject_id, offer) == "eligible"

    choose(house, person, CHOSEN)
    with house.open_vault("subject") as vault:
        assert preview(vault, person.subject_id, offer, "en") is None
    assert state_of(house, person.subject_id, offer) == "not_eligible"


def choose(house, person, profile):
    with house.open_vault("subject") as vault:
        write_profile(vault, person.subject_id, profile)


def test_a_human_looks_at_a_no_and_lets_in_as_far_as_the_brand_said_and_no_score_moves(house):
    person = quick_creator(house)
    score = shown_score(house, person)
    criteria = {**REACHED, "min_score": score + 3}
    offer = an_offer(house, new_brand(house), criteria=criteria, admits_down_to=score)
    opted_in(house, person.subject_id, offer)

    with house.open_vault("subject") as vault:
        ask_review(vault, person.subject_id, offer, "The week I was ill is missing.")
    with house.open_vault("reviewer", "bo") as vault:
        (one,) = waiting(vault)
        seen = open_review(vault, one)
        assert seen.content is not None
        admit(vault, one, "Close enough, and active.")

    assert seen.content["review"]["statement"] == "The week I was ill is missing."
    assert state_of(house, person.subject_id, offer) == "eligible"
    assert judgement(house, person.subject_id, offer)["review"]["answer"] == "Close enough, and active."
    assert shown_score(house, person) == score
    with house.open_vault("subject") as vault:
        assert preview(vault, person.subject_id, offer, "en") is not None
        looked = [one for one in accesses(vault, person.subject_id) if one.role == "reviewer"]
    assert "perk_judgement.content" in {one.fields for one in looked}


def shown_score(house, person) -> int:
    with house.open_reading_vault() as vault:
        report = score_report(vault, person.subject_id)
        assert report is not None
        return report.result.score


def test_further_than_the_brand_said_only_a_wrong_reason_lets_in(house):
    person = quick_creator(house)
    offer = an_offer(house, new_brand(house), criteria=OUT_OF_REACH, admits_down_to=59)
    opted_in(house, person.subject_id, offer)
    with house.open_vault("subject") as vault:
        ask_review(vault, person.subject_id, offer, "")

    with pytest.raises(AdmissionBeyond), house.open_vault("reviewer", "bo") as vault:
        admit(vault, waiting(vault)[0], "I like them.")
    with pytest.raises(ReviewUnfit), house.open_vault("reviewer", "bo") as vault:
        confirm(vault, waiting(vault)[0], " ")
    with pytest.raises(ReviewUnfit), house.open_vault("staff", "anna") as vault:
        confirm(vault, waiting(vault)[0], "No.")
    with house.open_vault("reviewer", "bo") as vault:
        confirm(vault, waiting(vault)[0], "The figures are right.")

    assert state_of(house, person.subject_id, offer) == "confirmed_no"


def test_an_illegal_step_changes_nothing_and_the_attempt_is_in_the_log(house):
    person = quick_creator(house)
    offer = an_offer(house, new_brand(house))
    opted_in(house, person.subject_id, offer)

    for _ in range(2):
        with pytest.raises(StepIllegal), house.open_vault("subject") as vault:
            take_part(vault, person.subject_id, offer)

    assert state_of(house, person.subject_id, offer) == "eligible"
    with house.open_reading_vault("system") as vault:
        log = StoredLog(vault.session)
        entries = [parse(body) for body, _ in log.entries(0, log.size)]
    refused = [one.outcome for one in entries if one.action == "perk.refused"]
    assert refused == [Outcome.DENIED, Outcome.DENIED]


def test_an_offer_that_is_over_or_gone_is_not_taken_up(house, clock):
    person = quick_creator(house)
    offer = an_offer(house, new_brand(house), closes_on="2026-11-21")

    clock.advance(timedelta(days=2))

    with pytest.raises(OfferNotOpen), house.open_vault("subject") as vault:
        take_part(vault, person.subject_id, offer)


@pytest.mark.parametrize(
    "change",
    [
        {"country": "XX"},
        {"languages": frozenset({"tlh"})},
        {"niches": frozenset({"religion"})},
        {"display_name": "two\nlines"},
        {"handles": {Platform.X: "with blank"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_choice_outside_the_lists_is_refused(change):
    with pytest.raises(ProfileUnfit):
        PerkProfile(**change)
