"""The demonstration: what it shows is there, came by the doors of the house, and one rule is broken."""

from collections import Counter
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit_room import Room
from app.audit_room_tally import Tally
from app.config import Config, read_config
from app.demo_making import is_made, make_demo
from app.setup import open_checked
from audit.entry import Action, Outcome, parse
from audit.stored import StoredLog
from perks.figures import about
from perks.offer import Offer, OfferState
from perks.participation import Participation
from perks.reach import Counted, counts_of
from rights.notice import RecipientNotice

DAYS = 22  # the last of the three months; in a whole demo the same goes on for longer


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Config:
    """One demo for all tests here."""
    config = read_config({"KLARWERT_HOME": str(tmp_path_factory.mktemp("demo") / "home")})
    unfinished = config.home.with_name("home-unfinished")
    (unfinished / "secrets").mkdir(parents=True)  # as a crash leaves it
    assert not is_made(config)
    make_demo(config, DAYS)
    assert is_made(config)
    assert not unfinished.exists()
    return config


def test_a_demo_has_offers_in_every_state_and_people_at_every_step(demo):
    with closing(open_checked(demo)) as house, house.open_reading_vault() as vault:
        offers = {one.state: one for one in vault.session.scalars(select(Offer).order_by(Offer.created_at))}
        states = {str(state) for state in vault.session.scalars(select(Participation.state))}
        counted = counts_of(vault, about(offers[OfferState.CLOSED].id))
        notices = vault.session.scalars(select(RecipientNotice.acknowledged_at)).all()

    assert set(offers) == set(OfferState)
    assert states >= {
        "consented",
        "label_missing",
        "done",
        "not_eligible",
        "in_review",
        "withdrawn",
        "claimed",
    }
    assert counted[Counted.CLAIMED][-1][1] >= 10
    assert notices.count(None) == 1  # of today, not answered yet


def test_one_rule_is_broken_in_the_log_of_a_demo_and_no_other(demo, tmp_path, commands):
    home = {"KLARWERT_HOME": str(demo.home)}

    assert commands.run("audit", "export", str(tmp_path / "log"), more=home).returncode == 0
    judged = commands.run("audit", "verify", str(tmp_path / "log"), more=home)

    assert (judged.returncode, "\n1 violations." in judged.stdout) == (2, True)
    assert "no-consent: " in judged.stdout  # app/demo_audit.py, put there to be found


def test_the_log_of_a_demo_was_lived_through_day_by_day(demo):
    with closing(open_checked(demo)) as house, house.open_reading_vault() as vault:
        log = StoredLog(vault.session)
        entries = [parse(body) for body, _ in log.entries(0, log.size)]
        drawn = Room(log, log.size, Tally()).sample(10)
    done = Counter(entry.action for entry in entries)
    days = {entry.at.date() for entry in entries}

    assert min(days) == max(days) - timedelta(days=DAYS)
    assert len(days) == DAYS + 1
    assert done[Action.KEYS_ROTATED] == DAYS // 7 + 1
    assert done[Action.RETENTION_PURGED] >= DAYS
    assert done.keys() >= {
        Action.CONSENT_WITHDRAWN,
        Action.RIGHTS_REFUSAL_CONFIRMED,
        Action.OBJECTION_ENDED,
        Action.REVIEW_DECIDED,
        Action.ACCOUNT_ERASED,
        Action.AUDIT_LOOKED,
    }
    assert {entry.outcome for entry in entries} >= {Outcome.DONE, Outcome.DENIED}
    assert len({one.disclosure.index for one in drawn}) == 10
    assert all(one.consent for one in drawn if one.needs_consent)
