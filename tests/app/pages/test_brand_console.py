"""A brand's console: counts, values once, labels, parcels, notices, figures; and nothing for anybody else."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.transaction import House
from consent.disclosure import disclosures
from consent.recipient import require_recipient, suspend_recipient
from perks.claim import claim
from perks.figures import about
from perks.handover import leave
from perks.reach import Counted, keep_count
from perks.team import Role, join_team
from perks.webhook import webhooks_of
from perks.webhook_outbox import messages_to
from tests.app.api.brand_programs import ask_token, basic
from tests.app.pages.browsing import Browser, Page
from tests.people import Person, new_person
from tests.perks.offering import SLUG, new_brand
from tests.perks.taking_part import agreed, an_offer, new_creator

ENDS = ("/people", "/figures")
USE = "offer-fulfilment"


@pytest.fixture
def brand(sqlite_house: House, ada: Person) -> UUID:
    return new_brand(sqlite_house, ada.subject_id)


@pytest.fixture
def team(browser: Browser, ada: Person, brand: UUID) -> Browser:  # the brand is there
    browser.sign_in(ada)
    return browser


def press(browser: Browser, page: Page, end: str, **filled: Any) -> Page:
    (form,) = [form for form in page.forms if form.action.endswith(end)]
    return browser.send(form, **filled)


def at(offer: UUID, end: str = "/people") -> str:
    return f"/brand/{SLUG}/offers/{offer}{end}"


def test_values_are_on_the_page_once_and_after_that_only_who_which_fields_and_when(sqlite_house, team, brand):
    offer = an_offer(sqlite_house, brand)
    person = new_creator(sqlite_house, "bob@example.org")
    agreed(sqlite_house, person.subject_id, offer)
    before = team.open(at(offer))

    refused = press(team, before, "/values", use_context="label-check")
    once = press(team, before, "/values", use_context=USE)
    again = press(team, before, "/values", use_context=USE)

    assert "not read yet: 1" in before.text
    assert "@lovelace-handle" not in before.html + refused.html + again.html
    assert (refused.status, once.status) == (403, 200)
    assert "@lovelace-handle" in once.text
    with sqlite_house.open_reading_vault() as vault:
        (kept,) = disclosures(vault, person.subject_id)
    assert kept.pseudonym in again.text
    assert "Names on networks" in again.text


def test_labels_are_shown_to_who_asks_for_them(sqlite_house, team, brand):
    offer = an_offer(sqlite_house, brand)
    person = new_creator(sqlite_house, "bob@example.org")
    agreed(sqlite_house, person.subject_id, offer)
    read = press(team, team.open(at(offer)), "/values", use_context=USE)
    with sqlite_house.open_vault("subject") as vault:
        claim(vault, person.subject_id, offer)

    labels = press(team, team.open(at(offer)), "/labels")

    assert "expected" not in read.text
    assert "expected until" in labels.text


def test_an_address_is_shown_once_to_who_ships(sqlite_house, team, brand):
    offer = an_offer(sqlite_house, brand, kind="sample", shipper=SLUG, expected=None, label=[])
    person = new_creator(sqlite_house, "bob@example.org")
    agreed(sqlite_house, person.subject_id, offer)
    with sqlite_house.open_vault("subject") as vault:
        claim(vault, person.subject_id, offer, "Bob\nHafengasse 1\n20095 Hamburg")
    waiting = team.open(f"/brand/{SLUG}/shipments")

    once, again = (press(team, waiting, "/shipments") for _ in range(2))

    assert "Hafengasse" not in waiting.html
    assert "Hafengasse 1" in once.text
    assert (again.status, "Hafengasse" in again.html) == (409, False)


def test_a_notice_waits_until_the_brand_says_that_it_is_carried_out(sqlite_house, team, brand):
    offer = an_offer(sqlite_house, brand)
    person = new_creator(sqlite_house, "bob@example.org")
    agreed(sqlite_house, person.subject_id, offer)
    press(team, team.open(at(offer)), "/values", use_context=USE)
    with sqlite_house.open_vault("subject") as vault:
        leave(vault, person.subject_id, offer, "en")
    waiting = team.open(f"/brand/{SLUG}/notices")

    (form,) = [form for form in waiting.forms if form.action.endswith("/notices")]
    answered = team.send(form, answer="completed")

    assert "Erase" in waiting.text
    assert "Their consent is over" in team.open(at(offer)).text
    assert "No notice waits" in answered.text


def test_every_chart_has_a_table_and_less_than_ten_is_never_drawn(sqlite_house, browser, ada, brand, clock):
    offer = an_offer(sqlite_house, brand)
    for people in (3, 9, 64, 230):
        with sqlite_house.open_vault("worker") as vault:
            for counted in (Counted.OPTED_IN, Counted.CLAIMED):
                keep_count(vault, about(offer), counted, people)
        clock.advance(timedelta(days=1))
    browser.sign_in(ada)

    page = browser.open(at(offer, "/figures"))

    charts = [given for tag, given in page.tags if tag == "svg" and given.get("role") == "img"]
    tables = [given for tag, given in page.tags if tag == "table"]
    assert (len(charts), len(tables)) == (3, 2)
    assert "fewer than 10" in page.text
    assert not {"9", "64"} & set(page.text.split())


def test_nothing_of_it_is_for_other_teams_or_for_suspended_brands(sqlite_house, app, brand, ada):
    offer = an_offer(sqlite_house, brand)
    stranger, viewer = (Browser(app) for _ in range(2))
    stranger.sign_in(new_person(sqlite_house, "eve@example.org"))
    looker = new_person(sqlite_house, "vic@example.org")
    with sqlite_house.open_vault("subject") as vault:
        join_team(vault, looker.subject_id, require_recipient(vault, SLUG).id, Role.VIEWER)
    viewer.sign_in(looker)
    addresses = [at(offer, end) for end in ENDS] + [
        f"/brand/{SLUG}/{end}" for end in ("shipments", "notices")
    ]
    token = viewer.open(addresses[0]).form("/sign-out").fields
    refused = viewer.client.post(at(offer, "/people/values"), data=token | {"use_context": USE})

    unknown = [stranger.open(address) for address in addresses]
    with sqlite_house.open_vault("operator") as vault:
        suspend_recipient(vault, SLUG)
    suspended = [viewer.open(address) for address in addresses]

    assert refused.status_code == 403
    assert {page.status for page in unknown} == {404}
    assert {page.status for page in suspended} == {403}


def test_a_program_gets_a_secret_that_is_shown_once_and_ends_with_a_button(sqlite_house, app, team, brand):
    address = f"/brand/{SLUG}/programs"
    asked = {"name": "Shop", "scope_figures_read": "on"}

    made = press(team, team.open(address), "/programs", **asked)
    unfit = press(team, team.open(address), "/programs", name="Shop")
    keyed = press(team, team.open(address), "/programs", **asked, public_key="{]")

    named, secret = re.findall(r'<code class="digest">([\w-]+)</code>', made.html)[:2]
    known = team.open(address)
    assert (unfit.status, keyed.status) == (422, 422)
    assert 'id="public_key-error"' in keyed.html
    assert (named in known.html, secret in known.html) == (True, False)
    assert ask_token(app, basic(named, secret)).status_code == 200
    ended = press(team, known, "/programs/end")
    assert "The program has ended" in ended.text
    assert ask_token(app, basic(named, secret)).status_code == 401


def test_an_address_is_told_of_events_and_what_was_given_up_is_sent_again(sqlite_house, team, brand):
    address, asked = f"/brand/{SLUG}/webhooks", {"event_consented": "on"}
    url = "https://rosengarten.example/hooks"

    made = press(team, team.open(address), "/webhooks", url=url, **asked)
    bare = press(team, team.open(address), "/webhooks", url="http://rosengarten.example/hooks", **asked)
    of_nothing = press(team, team.open(address), "/webhooks", url=url)
    with sqlite_house.open_vault("worker") as vault:
        (webhook,) = webhooks_of(vault, brand)
        (message,) = messages_to(vault, webhook.id)
        message.dead_at, message.last_failure = vault.now(), "timeout"
    given_up = team.open(address)
    again = press(team, given_up, "/send-again")

    (secret,) = re.findall(r"whsec_[\w+/=]+", made.html)
    assert secret not in given_up.html
    assert (bare.status, of_nothing.status) == (422, 422)
    assert ("given up" in given_up.text, "given up" in again.text) == (True, False)
    assert "Nothing is told anywhere" in press(team, again, "/remove").text
