"""Preview, consent and the one reading by a brand: the very values seen, on record before they leave."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from app.consents import end_consent
from app.worker import Worker
from consent.access import accesses
from consent.disclosure import DisclosureUnrecorded, disclosures
from consent.errors import ConsentMissing, ProcessingLimited
from consent.limits import Ground, LimitKind, limit
from consent.purpose import Purpose
from consent.receipt import shown_notice
from consent.recipient import RecipientNotReady, require_recipient, suspend_recipient
from consent.record import Decision, EndReason, find_in_force, history
from perks.handover import (
    AlreadyHandedOver,
    NothingToHandOver,
    PreviewOutdated,
    UseNotAllowed,
    ValuesLacking,
    Yes,
    consent,
    decline,
    leave,
    preview,
    read,
    waiting_ids,
)
from perks.life import StepIllegal
from perks.matching import OfferNotOpen
from perks.offer import close_offer
from perks.participation import ParticipationUnknown, require_participation
from perks.profile import PerkProfile, write_profile
from perks.use_context import UseContext
from perks.values import audience_band, score_band
from sources.activity import Platform
from tests.consent.test_disclosure import break_the_log
from tests.people import CollectingMailer, withdraw_consent
from tests.perks.offering import NEW_BRAND, SLUG, new_brand
from tests.perks.taking_part import (
    CHOSEN,
    agree_again,
    agreed,
    an_offer,
    opted_in,
    quick_creator,
    read_by_brand,
    state_of,
)


@pytest.fixture
def brand(house):
    return new_brand(house)


@pytest.fixture
def person(house):
    return quick_creator(house)


def test_a_brand_reads_the_very_values_that_were_seen_and_its_person_sees_that_it_did(house, brand, person):
    offer = an_offer(house, brand)
    opted_in(house, person.subject_id, offer)
    with house.open_vault("subject") as vault:
        shown = preview(vault, person.subject_id, offer, "en")
        assert shown is not None
        consent(vault, person.subject_id, offer, Yes(shown.digest, "en", shown.seen))
        participation = require_participation(vault, person.subject_id, offer)

    handed = read_by_brand(house, participation.id)

    assert handed.values == {str(field): value for field, value in shown.values.items()}
    assert handed.values["handles"] == "x: @lovelace-handle"
    assert state_of(house, person.subject_id, offer) == "disclosed"
    with house.open_reading_vault() as vault:
        (kept,) = disclosures(vault, person.subject_id)
        seen = [one for one in accesses(vault, person.subject_id) if one.recipient]
    assert (kept.values, kept.pseudonym) == (handed.values, handed.pseudonym)
    assert [one.fields for one in seen] == ["handles score-band"]


def test_nothing_is_handed_over_twice_until_agreed_to_anew(house, brand, person):
    offer = an_offer(house, brand)
    participation = agreed(house, person.subject_id, offer)
    read_by_brand(house, participation.id)

    with pytest.raises(AlreadyHandedOver):
        read_by_brand(house, participation.id)
    agree_again(house, person.subject_id, offer)
    read_by_brand(house, participation.id)

    with house.open_reading_vault() as vault:
        assert len(disclosures(vault, person.subject_id)) == 2
        assert "already-handed-over" in {one.reason for one in accesses(vault, person.subject_id)}


def test_values_that_changed_since_they_were_seen_are_not_agreed_to(sqlite_house):
    house = sqlite_house
    person, offer = quick_creator(house), an_offer(house, new_brand(house))
    opted_in(house, person.subject_id, offer)
    with house.open_vault("subject") as vault:
        shown = preview(vault, person.subject_id, offer, "en")
    assert shown is not None
    other = {Platform.X: "@another-handle"}
    with house.open_vault("subject") as vault:
        write_profile(
            vault, person.subject_id, PerkProfile("DE", CHOSEN.languages, CHOSEN.niches, "Ada", other)
        )

    with pytest.raises(PreviewOutdated), house.open_vault("subject") as vault:
        consent(vault, person.subject_id, offer, Yes(shown.digest, "en", shown.seen))

    assert state_of(house, person.subject_id, offer) == "previewed"


def test_what_is_not_there_is_said_and_not_agreed_to(sqlite_house):
    house = sqlite_house
    person, offer = quick_creator(house), an_offer(house, new_brand(house), shares=["score-band", "handles"])
    with house.open_vault("subject") as vault:
        write_profile(vault, person.subject_id, PerkProfile("DE", CHOSEN.languages, CHOSEN.niches))
    opted_in(house, person.subject_id, offer)

    with pytest.raises(ValuesLacking) as refused:
        agree_again(house, person.subject_id, offer)

    assert refused.value.facts["fields"] == ["handles"]


def test_whoever_ends_the_consent_stops_the_brand_at_once_and_the_part_with_it(house, brand, person):
    offer, other = an_offer(house, brand), an_offer(house, brand)
    participation = agreed(house, person.subject_id, offer)
    ended = agreed(house, person.subject_id, other)

    with house.open_vault("subject") as vault:
        leave(vault, person.subject_id, offer, "en")
        assert find_in_force(vault, person.subject_id, participation.share_scope) is None
    end_consent(house, "anna", person.address, ended.share_scope, Decision.REVOKED, EndReason.MISUSE)

    for one in (participation, ended):
        with pytest.raises(ConsentMissing):
            read_by_brand(house, one.id)
    assert {state_of(house, person.subject_id, one) for one in (offer, other)} == {"withdrawn"}
    with house.open_reading_vault() as vault:
        assert disclosures(vault, person.subject_id) == ()


def test_a_consent_that_runs_out_ends_what_nobody_claimed(house, brand, person, clock):
    offer = an_offer(house, brand, closes_on="2026-12-01")
    participation = agreed(house, person.subject_id, offer)
    clock.advance(timedelta(days=42))

    with pytest.raises(ConsentMissing):
        read_by_brand(house, participation.id)
    Worker(house, CollectingMailer()).tidy_if_due()

    assert state_of(house, person.subject_id, offer) in ("lapsed", "withdrawn")


def test_ending_a_networks_score_takes_what_it_was_in_before_it_was_read(house, brand, person):
    participation = agreed(house, person.subject_id, an_offer(house, brand))

    withdraw_consent(house, person)

    with pytest.raises(NothingToHandOver):
        read_by_brand(house, participation.id)


@pytest.mark.parametrize("kind", LimitKind)
def test_whoever_restricted_or_objected_is_not_read_about_and_takes_no_step(sqlite_house, kind):
    house = sqlite_house
    brand, person = new_brand(house), quick_creator(house)
    offer, other = an_offer(house, brand), an_offer(house, brand)
    participation = agreed(house, person.subject_id, offer)
    opted_in(house, person.subject_id, other)
    with house.open_vault("subject") as vault:
        limit(vault, person.subject_id, kind, Ground.OWN_SITUATION, None)

    with pytest.raises(ProcessingLimited):
        read_by_brand(house, participation.id)
    with pytest.raises(StepIllegal) as frozen, house.open_vault("subject") as vault:
        preview(vault, person.subject_id, other, "en")
    with house.open_vault("subject") as vault:
        leave(vault, person.subject_id, offer, "en")

    assert frozen.value.facts["state"] == "frozen"
    assert state_of(house, person.subject_id, offer) == "withdrawn"


def test_a_suspended_brand_reads_nothing_and_its_people_can_still_leave(sqlite_house):
    house = sqlite_house
    brand, person = new_brand(house), quick_creator(house)
    offer = an_offer(house, brand)
    participation = agreed(house, person.subject_id, offer)
    with house.open_vault("operator") as vault:
        suspend_recipient(vault, SLUG)

    with pytest.raises(RecipientNotReady):
        read_by_brand(house, participation.id)
    with house.open_vault("subject") as vault:
        leave(vault, person.subject_id, offer, "en")

    assert state_of(house, person.subject_id, offer) == "withdrawn"


def test_another_brands_participation_is_as_unknown_as_none_and_only_one_use_is_allowed(sqlite_house):
    house = sqlite_house
    brand, person = new_brand(house), quick_creator(house)
    new_brand(
        house,
        new=replace(
            NEW_BRAND,
            slug="other",
            domain="other.example",
            contact="a@other.example",
            notices_url="https://other.example/n",
        ),
    )
    participation = agreed(house, person.subject_id, an_offer(house, brand))

    with pytest.raises(ParticipationUnknown):
        read_by_brand(house, participation.id, slug="other")
    for use in (UseContext.OFFER_FIGURES, UseContext.LABEL_CHECK):
        with pytest.raises(UseNotAllowed):
            read_by_brand(house, participation.id, use_context=use)
    with house.open_vault("recipient") as vault:
        close_offer(vault, brand, participation.offer_id)
    with pytest.raises(OfferNotOpen):
        read_by_brand(house, participation.id)


def test_a_no_to_sharing_costs_nothing_and_may_be_thought_over(sqlite_house):
    house = sqlite_house
    person, offer = quick_creator(house), an_offer(house, new_brand(house))
    opted_in(house, person.subject_id, offer)
    with house.open_vault("subject") as vault:
        preview(vault, person.subject_id, offer, "en")
        decline(vault, person.subject_id, offer, "en")
    assert state_of(house, person.subject_id, offer) == "declined"

    agree_again(house, person.subject_id, offer)

    assert state_of(house, person.subject_id, offer) == "consented"


def test_a_log_that_refuses_lets_nothing_out_and_nothing_moves(house, brand, person):
    offer = an_offer(house, brand)
    participation = agreed(house, person.subject_id, offer)
    break_the_log(house)

    with pytest.raises(DBAPIError), house.open_vault("recipient", alias=SLUG) as vault:
        late = read(vault, require_recipient(vault, SLUG), participation.id, UseContext.OFFER_FULFILMENT)

    with pytest.raises(DisclosureUnrecorded):
        late.open()
    assert state_of(house, person.subject_id, offer) == "consented"
    with house.open_reading_vault() as vault:
        assert disclosures(vault, person.subject_id) == ()
        assert waiting_ids(vault, offer) == (participation.id,)


def test_bands_are_wide_and_closed():
    assert [score_band(score) for score in (1, 10, 11, 47, 91, 100)] == [
        "1-10",
        "1-10",
        "11-20",
        "41-50",
        "91-100",
        "91-100",
    ]
    assert [audience_band(count) for count in (0, 99, 100, 12_000, 3_000_000)] == [
        "0-99",
        "0-99",
        "100-999",
        "10000-99999",
        "1000000+",
    ]


def test_the_very_words_of_a_yes_and_of_its_end_can_be_printed_again(sqlite_house):
    house = sqlite_house
    person, offer = quick_creator(house), an_offer(house, new_brand(house))
    agreed(house, person.subject_id, offer)
    with house.open_vault("subject") as vault:
        leave(vault, person.subject_id, offer, "en")

    with house.open_reading_vault() as vault:
        about = [one for one in history(vault, person.subject_id) if one.purpose is Purpose.BRAND_SHARE]
        words = [shown_notice(vault, one) for one in about]

    assert [one.decision for one in about] == [Decision.GIVEN, Decision.WITHDRAWN]
    assert all("Rosengarten GmbH" in one.text and "Seeds for a year" in one.text for one in words)
