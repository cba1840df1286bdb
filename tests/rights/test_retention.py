"""Retention: with the clock moved, nothing is left over its age, and the log says what went."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.sessions import SessionKind, begin_session
from app.staff import StaffRole, add_staff, end_staff, sign_in_staff
from app.tables import MODULES
from app.web import create_app
from app.worker import Worker
from audit.entry import parse
from audit.stored import StoredLog
from rights.request import (
    Channel,
    RequestState,
    Right,
    RightsRequest,
    move,
    open_request,
    require_request,
)
from rights.retention import purge
from rights.review import decide
from sources.activity import Platform
from tests.app.pages.browsing import Browser
from tests.people import CollectingMailer, give_consent, import_archive, new_person, x_zip
from vault.base import Base
from vault.holding import Fate
from vault.holdings import data_tables, holding_of

YEARS = timedelta(days=4 * 366)
assert MODULES
# They end otherwise: with the person, with a consent, when an order is carried out, by the log's own rules.
ENDED_OTHERWISE = {"subject", "consent_record", "processing_limit", "key_destruction", "browser_signal"}
ENDED_OTHERWISE |= {
    "log_entry",
    "log_subtree",
    "log_head",
    "log_reference",
    "log_outbox",
    "card_release",
    "receipt_key",
}
ENDED_OTHERWISE |= {"restoration"}  # with the person
ENDED_OTHERWISE |= {"turned_away"}  # counts of nobody in particular
ENDED_OTHERWISE |= {"recipient", "disclosure", "shared_fields", "erasure_mark", "shown_field"}
ENDED_OTHERWISE |= {"participation_step", "perk_profile", "perk_judgement", "perk_share", "perk_post"}
ENDED_OTHERWISE |= {"brand", "brand_member", "perk_offer", "perk_offer_version", "perk_code"}
ENDED_OTHERWISE |= {"research_build", "research_use", "brand_webhook"}


def rows(vault, table: type[Base]) -> int:
    return len(vault.session.execute(select(table.__table__)).all())


def everything_at_once(house) -> None:
    """One row at least in every table that has a term."""
    person = new_person(house)
    give_consent(house, person)
    import_archive(house, person, Platform.X, x_zip())
    add_staff(house, "anna", StaffRole.PRIVACY, "a long enough password")
    sign_in_staff(house, "anna", "a long enough password")
    with house.open_vault("subject") as vault:
        begin_session(vault, person.subject_id, SessionKind.PAGE)
        move(
            vault,
            open_request(vault, person.subject_id, Right.ACCESS, Channel.PAGE),
            RequestState.WITHDRAWN,
        )


def test_every_table_has_a_term_or_a_known_other_end():
    undeclared = {table.__tablename__ for table in data_tables() if not holding_of(table).ends}

    assert undeclared == ENDED_OTHERWISE


def test_with_the_clock_moved_nothing_is_left_over_its_age(house, clock):
    everything_at_once(house)
    clock.advance(YEARS)

    Worker(house, CollectingMailer()).tidy_if_due()

    with house.open_reading_vault("system") as vault:
        left = {table.__tablename__: rows(vault, table) for table in data_tables() if holding_of(table).ends}
    # The worker verified the log in the same round, after the purge.
    assert {name for name, count in left.items() if count} <= {"job", "staff_member", "log_verification"}


def test_a_purge_leaves_its_proof_and_nothing_of_anybody(house, clock):
    everything_at_once(house)
    clock.advance(YEARS)

    with house.open_vault("system") as vault:
        gone = purge(vault)

    assert gone["access_event"] >= 1
    with house.open_reading_vault("system") as vault:
        log = StoredLog(vault.session)
        entries = [parse(body) for body, _ in log.entries(0, log.size)]
    proofs = {entry.scope: entry for entry in entries if entry.action == "retention.purged"}
    assert proofs["retention/access_event"].counts == {"rows": gone["access_event"]}
    assert all(proof.subject_ref is None for proof in proofs.values())


def test_a_run_that_finds_nothing_is_proved_once_a_day(sqlite_house, clock):
    worker = Worker(sqlite_house, CollectingMailer())

    for _ in range(5):
        worker.tidy_if_due()
        clock.advance(timedelta(hours=8))

    with sqlite_house.open_reading_vault("system") as vault:
        log = StoredLog(vault.session)
        proofs = [parse(body) for body, _ in log.entries(1, log.size)]
    assert [(one.action, one.scope, one.counts) for one in proofs] == [
        ("retention.purged", "retention", {"rows": 0})
    ] * 2


def test_what_is_not_over_stays(house, clock):
    everything_at_once(house)
    clock.advance(timedelta(minutes=29))

    with house.open_vault("system") as vault:
        assert purge(vault) == {}


def test_a_member_of_staff_is_forgotten_two_years_after_they_left(sqlite_house, clock):
    add_staff(sqlite_house, "anna", StaffRole.PRIVACY, "a long enough password")
    end_staff(sqlite_house, "anna")
    clock.advance(timedelta(days=730))

    with sqlite_house.open_vault("system") as vault:
        assert purge(vault) == {"staff_member": 1}


@pytest.mark.parametrize("table", [t for t in data_tables() if holding_of(t).fate is Fate.DELETED])
def test_a_term_names_a_column_of_its_table(table):
    assert {term.column for term in holding_of(table).ends} <= set(table.__table__.columns.keys())


@pytest.mark.parametrize(
    ("language", "warning"), [("en", "Nothing about your health"), ("de", "Bitte nichts über Gesundheit")]
)
def test_the_words_of_an_appeal_are_warned_about_and_go_with_their_term(
    sqlite_house, person, clock, language, warning
):
    give_consent(sqlite_house, person)
    import_archive(sqlite_house, person, Platform.X, x_zip())
    browser = Browser(create_app(sqlite_house))
    browser.sign_in(person)
    page = browser.open(f"/rights/review?lang={language}")
    reference = browser.send(page.form("/rights/review"), statement="I was convicted once.").path.rpartition(
        "/"
    )[2]
    with sqlite_house.open_vault("reviewer", "rita") as vault:
        decide(vault, require_request(vault, person.subject_id, reference), "It is right.")
    (term,) = [term.after for term in holding_of(RightsRequest).ends if term.column == "closed_at"]

    clock.advance(term - timedelta(seconds=1))
    with sqlite_house.open_vault("system") as vault:
        assert "rights_request" not in purge(vault)
    clock.advance(timedelta(seconds=1))
    with sqlite_house.open_vault("system") as vault:
        gone = purge(vault)

    assert warning in page.text
    assert gone["rights_request"] == 1
