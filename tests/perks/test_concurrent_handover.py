"""Fifty readers against one withdrawal, and a stream that a withdrawal meets in its middle."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import pytest
from sqlalchemy.exc import DBAPIError

from app.handing_over import hand_over_offer
from audit.entry import Action, Outcome, parse
from audit.stored import StoredLog
from consent.disclosure import disclosures
from consent.recipient import RecipientNotReady, suspend_recipient
from perks.handover import leave
from perks.use_context import UseContext
from tests.consent.test_disclosure import break_the_log
from tests.perks.offering import SLUG, new_brand
from tests.perks.taking_part import agreed, an_offer, quick_creator, read_by_brand
from vault.errors import DomainError

READERS, LOOKS = 50, 2
FOR_THE_OFFER = UseContext.OFFER_FULFILMENT


def acts_about(house, scope) -> list[Action]:
    """What the log holds about one scope and was done, in its order."""
    with house.open_reading_vault("system") as vault:
        log = StoredLog(vault.session)
        told = [parse(body) for body, _ in log.entries(0, log.size)]
    return [one.action for one in told if one.scope == str(scope) and one.outcome is Outcome.DONE]


def test_no_reading_is_dated_after_the_withdrawal_that_it_raced_and_none_happens_twice(house):
    person, offer = quick_creator(house), an_offer(house, new_brand(house))
    participation = agreed(house, person.subject_id, offer)
    together = Barrier(READERS + 1, timeout=60)

    def look(_: int) -> int:
        together.wait()
        got = 0
        for _ in range(LOOKS):
            with suppress(DomainError):
                got += bool(read_by_brand(house, participation.id).values)
        return got

    def withdraw() -> None:
        together.wait()
        with house.open_vault("subject") as vault:
            leave(vault, person.subject_id, offer, "en")

    with ThreadPoolExecutor(READERS + 1) as people:
        looks = [people.submit(look, number) for number in range(READERS)]
        people.submit(withdraw).result()
        got = sum(one.result() for one in looks)

    acts = acts_about(house, participation.share_scope)
    ended = acts.index(Action.CONSENT_WITHDRAWN)
    assert Action.DATA_DISCLOSED not in acts[ended:]
    assert acts[:ended].count(Action.DATA_DISCLOSED) == got <= 1
    with house.open_reading_vault() as vault:
        assert len(disclosures(vault, person.subject_id)) == got


def test_a_withdrawal_stops_a_stream_in_its_middle_and_a_suspension_ends_it(house):
    offer = an_offer(house, new_brand(house), quantity=4)
    people = {
        agreed(house, one.subject_id, offer).id: one.subject_id
        for one in (quick_creator(house, number) for number in range(4))
    }
    lines = hand_over_offer(house, SLUG, offer, FOR_THE_OFFER)
    first = json.loads(next(lines))
    waiting = sorted(set(people) - {next(one for one in people if str(one) == first["participation_id"])})

    with house.open_vault("subject") as vault:
        leave(vault, people[waiting[0]], offer, "en")
    second = json.loads(next(lines))
    with house.open_vault("operator") as vault:
        suspend_recipient(vault, SLUG)
    rest = list(lines)

    assert first["values"].keys() == {"handles", "score-band"}
    assert second["participation_id"] == str(waiting[1])
    assert len({first["pseudonym"], second["pseudonym"]}) == 2
    assert rest == []
    with pytest.raises(RecipientNotReady):
        hand_over_offer(house, SLUG, offer, FOR_THE_OFFER)


def test_a_stream_whose_log_refuses_ends_before_the_values_leave(house):
    person, offer = quick_creator(house), an_offer(house, new_brand(house))
    agreed(house, person.subject_id, offer)
    lines = hand_over_offer(house, SLUG, offer, FOR_THE_OFFER)
    break_the_log(house)

    with pytest.raises(DBAPIError):
        next(lines)

    with house.open_reading_vault() as vault:
        assert disclosures(vault, person.subject_id) == ()
