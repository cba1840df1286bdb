"""Handing over: only what was agreed to, only to whom it may go, and on record before it leaves."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from audit.entry import parse
from audit.stored import StoredLog
from consent.access import accesses
from consent.disclosure import (
    DisclosureUnrecorded,
    FieldsNotCovered,
    cover_fields,
    disclose,
    disclosures,
    known_to,
)
from consent.errors import ConsentMissing, GrantNotTheirs, ProcessingLimited
from consent.limits import Ground, LimitKind, limit
from consent.part import SharedField
from consent.purpose import Purpose, Scope
from consent.recipient import (
    NewRecipient,
    RecipientKind,
    RecipientNotReady,
    RecipientRefused,
    TransferTool,
    accept_terms,
    add_recipient,
    require_recipient,
    suspend_recipient,
    verify_recipient,
)
from consent.record import find_in_force
from tests.sharing import BRAND, SHARE, VALUES, agree_to_share, hand_over, new_recipient, stop_sharing

NEW = NewRecipient(
    "seeds.example", "Seeds", RecipientKind.BRAND, "FR", "privacy@seeds.example", "https://seeds.example/n"
)


def test_what_is_handed_over_stands_in_the_ledger_the_log_and_the_persons_own_page(house, person):
    new_recipient(house)
    agree_to_share(house, person.subject_id)

    handed = hand_over(house, person.subject_id, BRAND, SHARE, VALUES)

    assert handed.values == {"handles": "@lovelace-handle", "score-band": "41-50"}
    with house.open_reading_vault() as vault:
        (kept,) = disclosures(vault, person.subject_id)
        seen = next(one for one in accesses(vault, person.subject_id) if one.recipient)
        log = StoredLog(vault.session)
        actions = [str(parse(body).action) for body, _ in log.entries(0, log.size)]
    assert (kept.recipient.name, kept.values, kept.at) == ("Rosengarten GmbH", handed.values, house.clock())
    assert (seen.recipient, seen.fields, seen.role) == ("Rosengarten GmbH", "handles score-band", "recipient")
    assert actions.count("data.disclosed") == 1


def test_the_ledger_outlives_a_withdrawal_and_nothing_more_is_handed_over(house, person):
    new_recipient(house)
    agree_to_share(house, person.subject_id)
    hand_over(house, person.subject_id, BRAND, SHARE, VALUES)

    stop_sharing(house, person.subject_id)

    with pytest.raises(ConsentMissing):
        hand_over(house, person.subject_id, BRAND, SHARE, VALUES)
    with house.open_reading_vault() as vault:
        assert [one.values["score-band"] for one in disclosures(vault, person.subject_id)] == ["41-50"]
        denied = [one for one in accesses(vault, person.subject_id) if one.outcome == "denied"]
    assert [one.role for one in denied] == ["recipient"]


def test_each_recipient_knows_a_person_under_another_name(house, person):
    other = Scope(Purpose.BRAND_SHARE, "seeds/bulbs")
    for slug, scope in ((BRAND, SHARE), ("seeds", other)):
        new_recipient(house, slug, name=slug)
        agree_to_share(house, person.subject_id, scope=scope)
        hand_over(house, person.subject_id, slug, scope, VALUES)
    hand_over(house, person.subject_id, BRAND, SHARE, VALUES)

    with house.open_reading_vault() as vault:
        all_of_them = disclosures(vault, person.subject_id)
        known = known_to(vault, person.subject_id)

    assert len(all_of_them) == 3
    assert len({one.pseudonym for one in all_of_them}) == 2
    assert [one.recipient.slug for one in known] == [BRAND, "seeds"]


def test_nothing_beside_the_agreed_fields_and_the_agreed_brand_is_handed_over(house, person):
    new_recipient(house)
    new_recipient(house, "seeds", name="Seeds")
    agree_to_share(house, person.subject_id, SharedField.SCORE_BAND)

    with pytest.raises(FieldsNotCovered):
        hand_over(house, person.subject_id, BRAND, SHARE, VALUES)
    with pytest.raises(FieldsNotCovered):
        hand_over(house, person.subject_id, BRAND, SHARE, {})
    with pytest.raises(ConsentMissing):
        hand_over(house, person.subject_id, "seeds", SHARE, {SharedField.SCORE_BAND: "41-50"})


@pytest.mark.parametrize("kind", LimitKind)
def test_a_restriction_or_an_objection_stops_it_whoever_acts(sqlite_house, person, kind):
    recipient = new_recipient(sqlite_house)
    agree_to_share(sqlite_house, person.subject_id)
    with sqlite_house.open_vault("subject") as vault:
        limit(vault, person.subject_id, kind, Ground.OWN_SITUATION, str(SHARE.purpose))

    for actor in ("recipient", "subject"):
        with pytest.raises(ProcessingLimited), sqlite_house.open_vault(actor) as vault:
            disclose(vault, person.subject_id, recipient, SHARE, VALUES)


def test_only_a_verified_recipient_under_the_present_terms_receives_anything(sqlite_house, person):
    with sqlite_house.open_vault("operator") as vault:
        add_recipient(vault, replace(NEW, slug=BRAND))
    agree_to_share(sqlite_house, person.subject_id)

    def refused() -> str:
        with pytest.raises(RecipientNotReady) as refusal:
            hand_over(sqlite_house, person.subject_id, BRAND, SHARE, VALUES)
        return str(refusal.value.facts["why"])

    assert refused() == "unverified"
    with sqlite_house.open_vault("operator") as vault:
        verify_recipient(vault, BRAND)
    assert refused() == "terms"
    with sqlite_house.open_vault("operator") as vault:
        accept_terms(vault, BRAND)
    hand_over(sqlite_house, person.subject_id, BRAND, SHARE, VALUES)
    with sqlite_house.open_vault("operator") as vault:
        suspend_recipient(vault, BRAND)
    assert refused() == "suspended"
    with sqlite_house.open_vault("operator") as vault:
        verify_recipient(vault, BRAND)
        require_recipient(vault, BRAND).country = "US"
    assert refused() == "transfer"


@pytest.mark.parametrize(
    "change",
    [
        {"country": "US"},
        {"country": "Germany"},
        {"slug": "Seeds & Co"},
        {"notices_url": "http://seeds.example/n"},
        {"notices_url": "https://name:password@seeds.example/n"},
        {"notices_url": "file:///etc/passwd"},
        {"contact": " "},
    ],
)
def test_a_recipient_without_a_country_a_tool_or_a_safe_address_is_refused(change):
    with pytest.raises(RecipientRefused):
        replace(NEW, **change)


def test_a_third_country_is_fit_with_a_tool_for_the_transfer():
    assert replace(NEW, country="US", transfer_tool=TransferTool.STANDARD_CLAUSES).country == "US"


def test_before_the_commit_nothing_can_be_had_and_a_log_that_refuses_lets_nothing_out(house, person):
    recipient = new_recipient(house)
    agree_to_share(house, person.subject_id)
    with house.open_vault("recipient") as vault:
        early = disclose(vault, person.subject_id, recipient, SHARE, VALUES)
        with pytest.raises(DisclosureUnrecorded):
            early.open()
    assert early.open().values
    break_the_log(house)

    with pytest.raises(DBAPIError), house.open_vault("recipient") as vault:
        late = disclose(vault, person.subject_id, recipient, SHARE, VALUES)

    with pytest.raises(DisclosureUnrecorded):
        late.open()
    with house.open_reading_vault() as vault:
        assert len(disclosures(vault, person.subject_id)) == 1


def test_nobody_but_the_person_says_which_fields_a_consent_covers(sqlite_house, person):
    agree_to_share(sqlite_house, person.subject_id)

    with sqlite_house.open_vault("staff", "anna") as vault:
        record = find_in_force(vault, person.subject_id, SHARE)
        assert record is not None
        with pytest.raises(GrantNotTheirs):
            cover_fields(vault, record, tuple(SharedField))


def break_the_log(house) -> None:
    """Let the database refuse every new log entry, as a full disk or a lost right would."""
    statement = (
        "CREATE TRIGGER refuse BEFORE INSERT ON log_entry BEGIN SELECT RAISE(ABORT, 'refused'); END"
        if house.data.dialect.name == "sqlite"
        else "ALTER TABLE log_entry ADD CONSTRAINT refuse CHECK (index_ < 0) NOT VALID"
    )
    with house.data.begin() as connection:
        connection.execute(text(statement))
