"""Messages to brands' machines: after a challenge, signed, until taken, and only about who agreed."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.erasing import erase_account
from app.outgoing import Outgoing
from app.transaction import House
from app.web import create_app
from app.webhooks import send_due_messages, shown_secret
from app.worker import Worker
from consent.recipient import suspend_recipient
from perks.handover import leave
from perks.offer import close_offer
from perks.webhook import CHOSEN_FROM, WebhookDelivery, WebhookUnfit, add_webhook, webhooks_of
from perks.webhook_outbox import MOST_ATTEMPTS
from tests.app.api.brand_programs import FIGURES, brand_api
from tests.listening import Listener, Received, listening, say
from tests.people import CollectingMailer
from tests.perks.offering import SLUG, new_brand
from tests.perks.taking_part import agreed, an_offer, new_creator, opted_in, read_by_brand
from tests.repository.examples import load_example

client = load_example("klarwert_client")


@pytest.fixture
def machine():
    """A brand's machine that answers as the example does."""
    with listening() as listener:
        listener.answers = lambda handler: say(
            handler, 200, client.answer_to(json.loads(listener.received[-1].body))
        )
        yield listener


def register(house: House, brand: UUID, url: str, *, tried: bool = True) -> str:
    with house.open_vault("recipient") as vault:
        _, secret = add_webhook(vault, brand, url, CHOSEN_FROM)
    if tried:
        send_due_messages(house)
    return shown_secret(secret)


def told(machine: Listener) -> list[dict[str, Any]]:
    """What came after the challenge."""
    return [json.loads(one.body) for one in machine.received[1:]]


def rows(house: House) -> list[WebhookDelivery]:
    with house.open_reading_vault("system") as vault:
        return list(vault.session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.created_at)))


def checked(secret: str, one: Received, clock: Any) -> dict[str, Any]:
    message: dict[str, Any] = client.check_message(secret, one.headers, one.body, clock().timestamp())
    return message


def test_a_brand_is_told_by_pseudonym_of_who_agreed_and_who_left_and_nothing_else(house, clock, machine):
    brand = new_brand(house)
    secret = register(house, brand, f"{machine.url}/hooks")
    offer = an_offer(house, brand)
    person, other = new_creator(house), new_creator(house, "bea@example.org")
    opted_in(house, other.subject_id, offer)
    with house.open_vault("subject") as vault:
        leave(vault, other.subject_id, offer, "en")
    participation = agreed(house, person.subject_id, offer)
    known_as = read_by_brand(house, participation.id).pseudonym
    send_due_messages(house)
    with house.open_vault("subject") as vault:
        leave(vault, person.subject_id, offer, "en")
    with house.open_vault("recipient") as vault:
        close_offer(vault, brand, offer)
    send_due_messages(house)
    send_due_messages(house)

    messages = told(machine)

    about = {"offer_id": str(offer), "pseudonym": known_as}
    assert (messages[0]["type"], messages[0]["data"]) == ("participation.consented", about)
    assert {one["type"] for one in messages[1:]} == {
        "participation.withdrawn",
        "notice.waiting",
        "offer.closed",
    }
    assert [one["data"] for one in messages if one["type"] == "participation.withdrawn"] == [about]
    for one in machine.received:
        assert checked(secret, one, clock)
        for personal in (str(person.subject_id), str(other.subject_id), "lovelace", person.address):
            assert personal not in one.body.decode()
    assert len({one.headers["webhook-id"] for one in machine.received}) == len(machine.received) == 5


def test_an_address_that_does_not_answer_its_challenge_is_told_nothing(sqlite_house, machine):
    house, brand = sqlite_house, new_brand(sqlite_house)
    machine.answers = lambda handler: say(handler, 200, b'{"challenge": "anything"}')
    register(house, brand, f"{machine.url}/hooks")

    agreed(house, new_creator(house).subject_id, an_offer(house, brand))
    send_due_messages(house)

    (row,) = rows(house)
    assert (row.event, row.last_failure, row.attempts) == ("webhook.challenge", "answer", 1)
    with house.open_reading_vault("system") as vault:
        assert webhooks_of(vault, brand)[0].confirmed_at is None


def test_what_nobody_takes_rests_longer_each_time_and_is_a_dead_letter_in_the_end(
    sqlite_house, clock, machine
):
    house, brand = sqlite_house, new_brand(sqlite_house)
    register(house, brand, f"{machine.url}/hooks")
    api, offer = brand_api(create_app(house), house, brand), an_offer(house, brand)
    with house.open_vault("recipient") as vault:
        close_offer(vault, brand, offer)
    answers, machine.answers = machine.answers, lambda handler: say(handler, 500, b"")
    rests = []

    for _ in range(MOST_ATTEMPTS):
        before = clock()
        send_due_messages(house)
        send_due_messages(house)
        row = next(one for one in rows(house) if one.event == "offer.closed")
        rests.append((row.due_at - before) // timedelta(minutes=1))
        clock.advance(row.due_at - before)
    send_due_messages(house)
    api = brand_api(api.app, house, brand)
    (listed,) = [
        one
        for hook in api("GET", f"/brand/webhooks?{FIGURES}").json["webhooks"]
        for one in api("GET", f"/brand/webhooks/{hook['id']}/messages?{FIGURES}").json["messages"]
        if one["event"] == "offer.closed"
    ]
    machine.answers = answers
    again = api("POST", f"/brand/messages/{listed['id']}/resending")
    send_due_messages(house)

    assert rests == [min(2**number, 720) for number in range(MOST_ATTEMPTS)]
    assert (listed["state"], listed["attempts"], listed["last_failure"]) == (
        "dead",
        MOST_ATTEMPTS,
        "http-500",
    )
    assert again.status_code == 204
    attempts = [one for one in machine.received if b"offer.closed" in one.body]
    assert len(attempts) == MOST_ATTEMPTS + 1
    assert len({one.headers["webhook-id"] for one in attempts}) == 1
    assert len({one.headers["webhook-signature"] for one in attempts}) == len(attempts)


def test_what_was_not_sent_before_a_withdrawal_is_not_sent_after_it_nor_to_a_suspended_brand(
    sqlite_house, machine
):
    house, brand = sqlite_house, new_brand(sqlite_house)
    register(house, brand, f"{machine.url}/hooks")
    offer, person, erased = an_offer(house, brand), new_creator(house), new_creator(house, "b@example.org")
    for one in (person, erased):
        agreed(house, one.subject_id, offer)
    with house.open_vault("subject") as vault:
        leave(vault, person.subject_id, offer, "en")
    erase_account(house, erased.subject_id, CollectingMailer())
    with house.open_vault("operator") as vault:
        suspend_recipient(vault, SLUG)

    Worker(house, CollectingMailer()).tidy_if_due()

    assert told(machine) == []
    left = [(row.event, row.last_failure) for row in rows(house) if row.event != "webhook.challenge"]
    assert left == [("participation.withdrawn", "suspended")]


def test_only_public_addresses_are_told_anything_by_a_public_service(sqlite_house, machine):
    brand = new_brand(sqlite_house)
    for url in (
        "http://shop.example/hooks",
        "https://a:b@shop.example",
        "ftp://shop.example",
        "https://ä.example",
    ):
        with pytest.raises(WebhookUnfit), sqlite_house.open_vault("recipient") as vault:
            add_webhook(vault, brand, url, CHOSEN_FROM)
    register(sqlite_house, brand, f"{machine.url}/hooks", tried=False)

    send_due_messages(sqlite_house, Outgoing(may_loop=False))

    assert machine.received == []
    assert [row.last_failure for row in rows(sqlite_house)] == ["address"]


def test_a_message_that_was_altered_or_is_old_is_refused(sqlite_house, clock, machine):
    secret = register(sqlite_house, new_brand(sqlite_house), f"{machine.url}/hooks")
    (one,) = machine.received
    now, check = clock().timestamp(), client.check_message

    assert check(secret, one.headers, one.body, now)["type"] == "webhook.challenge"
    altered = [
        (secret, one.headers, one.body + b" ", now),
        (secret, one.headers, one.body, now + 301),
        (secret, {**one.headers, "webhook-id": "msg_other"}, one.body, now),
        (secret, {**one.headers, "webhook-timestamp": str(int(now) + 1)}, one.body, now),
        (shown_secret(bytes(32)), one.headers, one.body, now),
        (secret, {}, one.body, now),
    ]
    for arguments in altered:
        with pytest.raises(client.MessageRefused):
            check(*arguments)
