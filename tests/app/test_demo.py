"""The demonstration: what it shows is there, came by the doors of the house, and one rule is broken."""

from contextlib import closing

from sqlalchemy import select

from app.audit_room import Room
from app.audit_room_tally import Tally
from app.config import read_config
from app.demo_perks import fill_demo, opening_clock
from app.setup import open_checked, prepare
from audit.log import StoredLog
from perks.figures import about
from perks.offer import Offer, OfferState
from perks.participation import Participation
from perks.reach import Counted, counts_of
from rights.notice import RecipientNotice


def test_a_demo_has_offers_in_every_state_people_at_every_step_and_one_violation(tmp_path, commands):
    home = {"KLARWERT_HOME": str(tmp_path / "home")}
    config = read_config(home)
    prepare(config, opening_clock(config))

    with closing(open_checked(config)) as house:
        fill_demo(house)
        fill_demo(house)

        with house.open_reading_vault() as vault:
            offers = {one.state: one for one in vault.session.scalars(select(Offer))}
            states = {str(state) for state in vault.session.scalars(select(Participation.state))}
            counted = counts_of(vault, about(offers[OfferState.CLOSED].id))
            notices = vault.session.scalars(select(RecipientNotice)).all()
            log = StoredLog(vault.session)
            drawn = Room(log, log.size, Tally()).sample(10)
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
    assert len(notices) == 1
    assert len({one.disclosure.index for one in drawn}) == 10
    assert all(one.consent for one in drawn if one.needs_consent)
    assert commands.run("audit", "export", str(tmp_path / "log"), more=home).returncode == 0
    judged = commands.run("audit", "verify", str(tmp_path / "log"), more=home)
    assert (judged.returncode, "\n1 violations." in judged.stdout) == (2, True)
    assert "no-consent: " in judged.stdout  # app/demo_audit.py, put there to be found
