"""Claiming: a code given once, an address for the shipper alone, deadlines, and what a withdrawal cancels."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from app.erasing import erase_account
from app.worker import Worker
from consent.disclosure import disclosures
from consent.purpose import Purpose
from consent.recipient import require_recipient
from explain.report import score_report
from perks.claim import AddressUnfit, claim, claimed, ship, to_ship
from perks.claims import PerkClaim
from perks.codes import PerkCode, count_free
from perks.handover import leave
from perks.life import StepIllegal
from perks.matching import OfferNotOpen, take_part
from perks.offer import close_offer
from perks.participation import OfferTaken, Participation, ParticipationUnknown, require_participation
from tests.people import CollectingMailer, work
from tests.perks.offering import SLUG, new_brand
from tests.perks.taking_part import agreed, an_offer, quick_creator, read_by_brand, state_of

ADDRESS = "Ada Example\nMusterweg 1\n10115 Berlin"
SAMPLE: dict[str, Any] = {"kind": "sample", "shipper": SLUG, "expected": None, "label": [], "quantity": 1}


@pytest.fixture
def brand(house):
    return new_brand(house)


@pytest.fixture
def person(house):
    return quick_creator(house)


def claim_it(house, person, offer, address=None):
    with house.open_vault("subject") as vault:
        return claim(vault, person.subject_id, offer, address)


def code_of(house, person, offer):
    with house.open_reading_vault() as vault:
        got = claimed(vault, require_participation(vault, person.subject_id, offer))
        return got.code if got is not None else None


def test_a_code_is_given_once_and_a_brand_may_read_after_the_claim(house, brand, person):
    offer = an_offer(house, brand, expected=None, label=[])
    participation = agreed(house, person.subject_id, offer)

    claim_it(house, person, offer)

    code = code_of(house, person, offer)
    assert code is not None
    assert code.startswith(offer.hex[:8])
    assert state_of(house, person.subject_id, offer) == "done"
    assert read_by_brand(house, participation.id).values
    assert state_of(house, person.subject_id, offer) == "done"
    with pytest.raises(StepIllegal):
        claim_it(house, person, offer)
    with house.open_reading_vault() as vault:
        assert count_free(vault, offer) == 2
        assert vault.session.scalar(select(func.count(PerkCode.id)).where(PerkCode.code.is_(None))) == 1


def test_two_people_never_get_the_same_code_and_the_last_one_goes_to_one_of_them(house, brand):
    offer = an_offer(house, brand, expected=None, label=[], quantity=2)
    people = [quick_creator(house, number) for number in range(4)]
    for one in people:
        agreed(house, one.subject_id, offer)
    together = Barrier(len(people), timeout=60)

    def try_it(one) -> bool:
        together.wait()
        with suppress(OfferNotOpen):
            claim_it(house, one, offer)
            return True
        return False

    with ThreadPoolExecutor(len(people)) as crowd:
        got = list(crowd.map(try_it, people))

    codes = [code_of(house, one, offer) for one, has in zip(people, got, strict=True) if has]
    assert (sum(got), len(set(codes))) == (2, 2)


def test_an_address_goes_to_the_shipper_alone_once_and_on_record(house, brand, person):
    offer = an_offer(house, brand, **SAMPLE)
    participation = agreed(house, person.subject_id, offer)
    with pytest.raises(AddressUnfit):
        claim_it(house, person, offer)
    claim_it(house, person, offer, ADDRESS)

    assert read_by_brand(house, participation.id).values.keys() == {"handles", "score-band"}
    with house.open_vault("recipient", alias=SLUG) as vault:
        shipper = require_recipient(vault, SLUG)
        assert to_ship(vault, shipper) == (participation.id,)
        handover = ship(vault, shipper, participation.id)

    assert handover.open().values == {"shipping-address": ADDRESS}
    assert state_of(house, person.subject_id, offer) == "done"
    with pytest.raises(ParticipationUnknown), house.open_vault("recipient", alias=SLUG) as vault:
        ship(vault, require_recipient(vault, SLUG), participation.id)
    with house.open_reading_vault() as vault:
        scopes = {one.scope.partition("/")[0] for one in disclosures(vault, person.subject_id)}
    assert scopes == {Purpose.BRAND_SHARE, Purpose.PERK_DELIVER}


def test_a_withdrawal_cancels_what_was_not_sent_and_leaves_what_was_given(house, brand, person):
    sample, voucher = an_offer(house, brand, **SAMPLE), an_offer(house, brand)
    parts = [agreed(house, person.subject_id, one) for one in (sample, voucher)]
    claim_it(house, person, sample, ADDRESS)
    claim_it(house, person, voucher)
    code = code_of(house, person, voucher)

    with house.open_vault("subject") as vault:
        for one in (sample, voucher):
            leave(vault, person.subject_id, one, "en")

    with pytest.raises(ParticipationUnknown), house.open_vault("recipient", alias=SLUG) as vault:
        ship(vault, require_recipient(vault, SLUG), parts[0].id)
    assert code_of(house, person, sample) is None
    assert str(parts[0].deliver_scope) not in house.keystore.scopes(person.subject_id)
    assert code_of(house, person, voucher) == code
    with pytest.raises(OfferTaken), house.open_vault("subject") as vault:
        take_part(vault, person.subject_id, voucher)


def test_what_nobody_claimed_lapses_and_a_missed_post_moves_no_score(house, brand, person, clock):
    claimed_offer, other = an_offer(house, brand), an_offer(house, brand)
    for one in (claimed_offer, other):
        agreed(house, person.subject_id, one)
    claim_it(house, person, claimed_offer)
    with house.open_vault("recipient") as vault:
        close_offer(vault, brand, other)
    before = shown_score(house, person)
    mailer = CollectingMailer()
    clock.advance(timedelta(days=28))
    Worker(house, mailer).tidy_if_due()
    work(house, mailer)
    Worker(house, mailer).tidy_if_due()
    work(house, mailer)

    assert state_of(house, person.subject_id, other) == "lapsed"
    assert state_of(house, person.subject_id, claimed_offer) == "post_due"
    assert [subject for _, subject, _ in mailer.sent] == ["Klarwert: a post is due soon"]
    clock.advance(timedelta(days=3))
    Worker(house, mailer).tidy_if_due()
    assert state_of(house, person.subject_id, claimed_offer) == "post_missed"
    assert shown_score(house, person) == before


def shown_score(house, person) -> int:
    with house.open_reading_vault() as vault:
        report = score_report(vault, person.subject_id)
        assert report is not None
        return report.result.score


def test_an_erasure_leaves_no_row_and_no_address_to_send_to(house, brand, person):
    offer = an_offer(house, brand, **SAMPLE)
    participation = agreed(house, person.subject_id, offer)
    claim_it(house, person, offer, ADDRESS)

    erase_account(house, person.subject_id, CollectingMailer())

    with house.open_vault("recipient", alias=SLUG) as vault:
        shipper = require_recipient(vault, SLUG)
        assert to_ship(vault, shipper) == ()
        left = [vault.session.scalar(select(func.count(t.id))) for t in (Participation, PerkClaim)]
    assert left == [0, 0]
    with pytest.raises(ParticipationUnknown):
        read_by_brand(house, participation.id)
