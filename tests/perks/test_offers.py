"""Offers through their states: nothing before verification, nothing unscreened, no version changed."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from audit.entry import parse
from audit.stored import StoredLog
from consent.recipient import RecipientNotReady, suspend_recipient
from perks.brand import NewBrand
from perks.codes import count_free
from perks.errors import OfferIncomplete, OfferScreened, OfferStepIllegal, OfferUnknown, OfferUnusable
from perks.offer import (
    OfferState,
    close_offer,
    close_over,
    delete_draft,
    edit_offer,
    find_published,
    improve_offer,
    lock_offer,
    open_offers,
    publish_offer,
    require_offer,
    screen_offer,
    versions_of,
)
from tests.perks.offering import NEW_BRAND, SLUG, new_brand, new_draft, new_offer, stock, terms_json

OTHER = NewBrand(**vars(NEW_BRAND) | {"slug": "other", "name": "Other AG"})


def test_nothing_is_published_before_the_brand_is_verified(sqlite_house):
    brand = new_brand(sqlite_house, ready=False)
    offer_id = new_draft(sqlite_house, brand)
    with sqlite_house.open_vault("recipient") as vault:
        screen_offer(vault, brand, offer_id)
        stock(vault, brand, offer_id, 3)

    with pytest.raises(RecipientNotReady), sqlite_house.open_vault("recipient") as vault:
        publish_offer(vault, brand, offer_id)

    with sqlite_house.open_reading_vault() as vault:
        assert open_offers(vault) == []
        with pytest.raises(OfferUnknown):
            find_published(vault, offer_id)


def test_a_published_offer_is_seen_as_it_was_screened_and_logged(house):
    brand = new_brand(house)

    offer_id = new_offer(house, brand)

    with house.open_reading_vault() as vault:
        (seen,) = open_offers(vault)
        log = StoredLog(vault.session)
        entries = [parse(body) for body, _ in log.entries(0, log.size)]
    assert (seen.id, seen.number, seen.terms.to_json()["title"]) == (offer_id, 1, terms_json()["title"])
    assert str(seen.share_scope) == f"brand.share/{SLUG}/{offer_id}"
    published = [entry for entry in entries if entry.action == "offer.published"]
    assert [(entry.scope, entry.actor) for entry in published] == [(f"offer/{SLUG}/{offer_id}", "recipient")]


def test_a_version_people_saw_is_never_changed_nor_deleted(house):
    offer_id = new_offer(house, new_brand(house))

    for statement in ("UPDATE perk_offer_version SET sha256 = 'x'", "DELETE FROM perk_offer_version"):
        with pytest.raises(DBAPIError), house.open_vault("operator") as vault:
            vault.session.execute(text(statement))

    with house.open_reading_vault() as vault:
        assert find_published(vault, offer_id).terms.sha256 == find_published(vault, offer_id).sha256


def test_better_words_are_a_further_version_and_whom_it_is_for_stays(sqlite_house):
    house, brand = sqlite_house, new_brand(sqlite_house)
    offer_id = new_offer(house, brand)
    words = {"title": {"en": "Seeds", "de": "Samen"}}

    with house.open_vault("recipient") as vault:
        improve_offer(vault, brand, offer_id, terms_json(**words))
    with pytest.raises(OfferUnusable), house.open_vault("recipient") as vault:
        improve_offer(vault, brand, offer_id, terms_json(quantity=9))
    with pytest.raises(OfferScreened), house.open_vault("recipient") as vault:
        improve_offer(vault, brand, offer_id, terms_json(title={"en": "Seeds", "de": "Nur für Schwangere"}))

    with house.open_reading_vault() as vault:
        assert [version.number for version in versions_of(vault, offer_id)] == [1, 2]
        assert find_published(vault, offer_id).terms.title.en == "Seeds"
        assert find_published(vault, offer_id, 1).terms.title.en == "Seeds for a year"


def test_an_edited_offer_is_screened_again_before_it_is_published(sqlite_house):
    house, brand = sqlite_house, new_brand(sqlite_house)
    offer_id = new_draft(house, brand)
    with house.open_vault("recipient") as vault:
        screen_offer(vault, brand, offer_id)
        assert edit_offer(vault, brand, offer_id, terms_json(quantity=2)).state is OfferState.DRAFT

    with pytest.raises(OfferStepIllegal), house.open_vault("recipient") as vault:
        publish_offer(vault, brand, offer_id)


@pytest.mark.parametrize("field", ["payer", "label", "criteria"])
def test_no_screen_passes_what_lacks_payer_label_or_parameters(sqlite_house, field):
    brand = new_brand(sqlite_house)
    raw = {name: value for name, value in terms_json().items() if name != field}
    offer_id = new_draft(sqlite_house, brand)
    with sqlite_house.open_vault("recipient") as vault:
        edit_offer(vault, brand, offer_id, raw)

    with pytest.raises(OfferIncomplete) as refusal, sqlite_house.open_vault("recipient") as vault:
        screen_offer(vault, brand, offer_id)

    assert refusal.value.facts == {"field": field}


@pytest.mark.parametrize(("country", "wording"), [("DE", "#ad"), ("GB", "Danke"), ("FR", "Publicité")])
def test_a_label_that_does_not_suffice_in_its_country_is_refused(sqlite_house, country, wording):
    brand = new_brand(sqlite_house)
    criteria = terms_json()["criteria"] | {"countries": [country]}
    label = [{"platform": "instagram", "country": country, "wording": wording}]
    offer_id = new_draft(sqlite_house, brand, criteria=criteria, label=label)

    with pytest.raises(OfferUnusable) as refusal, sqlite_house.open_vault("recipient") as vault:
        screen_offer(vault, brand, offer_id)

    assert refusal.value.field == f"label.instagram.{country}"


def test_no_more_is_promised_than_there_are_codes(sqlite_house):
    house, brand = sqlite_house, new_brand(sqlite_house)
    offer_id = new_draft(house, brand)
    with house.open_vault("recipient") as vault:
        screen_offer(vault, brand, offer_id)
        stock(vault, brand, offer_id, 2)

    with pytest.raises(OfferIncomplete) as refusal, house.open_vault("recipient") as vault:
        publish_offer(vault, brand, offer_id)

    assert refusal.value.field == "codes"


@pytest.mark.parametrize(("shipper", "fits"), [(SLUG, True), ("nobody", False), ("other", False)])
def test_a_sample_needs_somebody_who_may_ship(sqlite_house, shipper, fits):
    house, brand = sqlite_house, new_brand(sqlite_house)
    new_brand(house, new=OTHER)
    offer_id = new_draft(house, brand, kind="sample", shipper=shipper)
    with house.open_vault("recipient") as vault:
        screen_offer(vault, brand, offer_id)

    if fits:
        with house.open_vault("recipient") as vault:
            assert publish_offer(vault, brand, offer_id).state is OfferState.PUBLISHED
        return
    with pytest.raises(OfferUnusable, match="shipper"), house.open_vault("recipient") as vault:
        publish_offer(vault, brand, offer_id)


def test_the_offers_of_a_suspended_brand_are_not_seen(sqlite_house):
    new_offer(sqlite_house, new_brand(sqlite_house))

    with sqlite_house.open_vault("operator") as vault:
        suspend_recipient(vault, SLUG)

    with sqlite_house.open_reading_vault() as vault:
        assert open_offers(vault) == []


def test_an_offer_closes_with_its_window_and_its_codes_go(house, clock):
    brand = new_brand(house)
    offer_id = new_offer(house, brand)
    clock.advance(timedelta(days=31))

    with house.open_vault("worker") as vault:
        assert close_over(vault) == 1
        assert close_over(vault) == 0

    with house.open_reading_vault() as vault:
        assert find_published(vault, offer_id).state is OfferState.CLOSED
        assert count_free(vault, offer_id) == 0


def test_an_offer_of_another_brand_is_an_unknown_one_to_everything(sqlite_house):
    house = sqlite_house
    brand, other = new_brand(house), new_brand(house, new=OTHER)
    offer_id = new_offer(house, brand)

    for act in (require_offer, lock_offer, screen_offer, publish_offer, close_offer, delete_draft):
        with pytest.raises(OfferUnknown), house.open_vault("recipient") as vault:
            act(vault, other, offer_id)
    for change in (edit_offer, improve_offer):
        with pytest.raises(OfferUnknown), house.open_vault("recipient") as vault:
            change(vault, other, offer_id, terms_json())


@pytest.mark.parametrize("act", [screen_offer, publish_offer, delete_draft])
def test_what_is_published_goes_no_way_but_to_its_end(sqlite_house, act):
    house, brand = sqlite_house, new_brand(sqlite_house)
    offer_id = new_offer(house, brand)

    with pytest.raises(OfferStepIllegal), house.open_vault("recipient") as vault:
        act(vault, brand, offer_id)
    with house.open_vault("recipient") as vault:
        assert close_offer(vault, brand, offer_id).state is OfferState.CLOSED
    with pytest.raises(OfferStepIllegal), house.open_vault("recipient") as vault:
        close_offer(vault, brand, offer_id)
