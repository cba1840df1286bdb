"""A public page: there only while its person wants it, field by field, and every opening on record."""

from datetime import timedelta

import pytest

from app.consents import consent_states
from app.erasing import erase_account
from app.profile import SLUG_BYTES, DisplayNameUnfit, ShownField, visit
from app.suspending import SuspensionReason, suspend
from audit.entry import Action, ActorRole, parse
from audit.stored import StoredLog
from consent.access import accesses
from consent.limits import Ground, LimitKind, limit
from consent.part import SharedField
from consent.record import Choice
from model.scoring import STALE_AFTER_DAYS
from sources.activity import Platform
from tests.people import give_consent, import_archive, new_person, withdraw_consent
from tests.profiles import recent_x_zip, say, slug_of

NAME, BAND, SCORE = SharedField.DISPLAY_NAME, SharedField.SCORE_BAND, SharedField.SCORE


def states_of(house, person):
    with house.open_reading_vault() as vault:
        states = consent_states(vault, person.subject_id, "en", house.notices)
    return {str(state.scope): state for state in states}


def shown(house, slug):
    return {one.field: one.value for one in visit(house, slug)}


@pytest.fixture
def scored(house, person):
    give_consent(house, person)
    import_archive(house, person, Platform.X, recent_x_zip())
    return person


def test_nothing_is_public_at_first_and_then_one_field_and_no_other(house, scored):
    before = states_of(house, scored)

    say(house, scored, BAND)

    told = before["profile.public/score-band"]
    assert (told.is_in_force, told.page) == (False, None)
    assert shown(house, slug_of(house, scored.subject_id)) == {BAND: told.value}
    assert (
        states_of(house, scored)["profile.public/score-band"].page
        == f"/p/{slug_of(house, scored.subject_id)}"
    )
    assert states_of(house, scored)["profile.public/score"].page is None


def test_the_name_of_the_page_is_random_kept_while_anything_is_shown_and_gone_with_the_last(house, scored):
    other = new_person(house, "grace@example.org")
    say(house, other, NAME, name="Grace")
    say(house, scored, BAND)
    first = slug_of(house, scored.subject_id)
    say(house, scored, NAME, name="Ada")
    say(house, scored, BAND, Choice.WITHDRAWN)

    kept = shown(house, first)
    say(house, scored, NAME, Choice.WITHDRAWN)
    gone = visit(house, first)
    say(house, scored, NAME, name="Ada")

    assert kept == {NAME: "Ada"}
    assert gone == visit(house, first) == ()
    assert len(first) > SLUG_BYTES
    assert len({first, slug_of(house, scored.subject_id), slug_of(house, other.subject_id)}) == 3
    assert shown(house, slug_of(house, other.subject_id)) == {NAME: "Grace"}


@pytest.mark.parametrize("stop", ["restricted", "score withdrawn", "suspended", "old data", "erased"])
def test_what_stops_processing_stops_the_page(house, scored, clock, stop):
    say(house, scored, SCORE)
    slug = slug_of(house, scored.subject_id)
    assert shown(house, slug)

    with house.open_vault("subject") as vault:
        if stop == "restricted":
            limit(vault, scored.subject_id, LimitKind.RESTRICTED, Ground.ACCURACY_CONTESTED)
    if stop == "score withdrawn":
        withdraw_consent(house, scored)
    elif stop == "old data":
        clock.advance(timedelta(days=STALE_AFTER_DAYS + 1))
    elif stop == "suspended":
        suspend(house, scored.address, SuspensionReason.SECURITY)
    elif stop == "erased":
        erase_account(house, scored.subject_id)

    assert visit(house, slug) == ()


def test_every_opening_is_counted_before_it_leaves_and_an_hour_is_one_entry(house, scored, clock):
    say(house, scored, BAND)
    slug = slug_of(house, scored.subject_id)

    for _ in range(3):
        visit(house, slug)
    clock.advance(timedelta(hours=1))
    visit(house, slug)
    visit(house, "no-such-page")

    with house.open_reading_vault() as vault:
        told = [one for one in accesses(vault, scored.subject_id) if one.role is ActorRole.VISITOR]
        log = StoredLog(vault.session)
        entries = [parse(body) for body, _ in log.entries(0, log.size)]
    read = [one for one in entries if one.actor is ActorRole.VISITOR]
    assert [(one.times, one.scope, one.fields) for one in told] == [
        (1, "profile.public/score-band", "score-band"),
        (3, "profile.public/score-band", "score-band"),
    ]
    assert [(one.action, one.scope, one.legal_basis) for one in read] == [
        (Action.RECORD_READ, "profile.public/score-band", "gdpr-6-1-a")
    ] * 2


def test_the_display_name_is_sealed_shown_as_written_and_can_be_written_anew(house, scored):
    say(house, scored, NAME, name="  Ada   Lovelace ")
    slug = slug_of(house, scored.subject_id)

    say(house, scored, NAME, name="<b>Countess</b>")

    with house.open_reading_vault() as vault:
        row = vault.session.query(ShownField).one()
        assert b"Countess" not in (row.content or b"")
    assert shown(house, slug) == {NAME: "<b>Countess</b>"}
    assert states_of(house, scored)["profile.public/display-name"].value == "<b>Countess</b>"


@pytest.mark.parametrize("name", [None, "", "   ", "a" * 61, "a\u202eb", "a\x00b"])
def test_a_name_that_cannot_be_shown_is_refused_and_gives_no_consent(sqlite_house, person, name):
    with pytest.raises(DisplayNameUnfit):
        say(sqlite_house, person, NAME, name=name)

    assert not states_of(sqlite_house, person)["profile.public/display-name"].is_in_force
