"""Brands and their teams: verified only when all was shown, one owner at least, links that work once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from click.testing import CliRunner

from app.cli import klarwert
from app.erasing import erase_account
from app.language import WORDS
from app.pages.brands import CLAUSES
from audit.entry import parse
from audit.stored import StoredLog
from consent.errors import TooYoung
from consent.gate import require_permit
from consent.purpose import ACCOUNT
from consent.recipient import PRESENT_TERMS, RecipientNotReady, RecipientRefused, require_ready
from explain.wording import Language
from perks.brand import (
    Proof,
    accept_present_terms,
    ask_contact,
    confirm_contact,
    contact_token,
    is_ready,
    prove_domain,
    require_brand,
)
from perks.errors import BrandRoleMissing, BrandUnknown, InvitationGone, LastOwner
from perks.team import (
    Role,
    accept_invitation,
    change_role,
    has_owner,
    invitations,
    invite,
    leave_team,
    member_mark,
    members,
    require_member,
    take_back_invitation,
)
from tests.architecture.checkout import ROOT
from tests.people import CollectingMailer, new_person
from tests.perks.offering import SLUG, new_brand
from vault.subject import AgeBand, read_account, require_subject, write_account

KEY = b"k" * 32


def confirmed(vault) -> None:
    brand, recipient = ask_contact(vault, SLUG)
    confirm_contact(vault, SLUG, contact_token(KEY, brand, recipient.contact), KEY)


STEPS = {
    "domain": lambda vault: prove_domain(vault, SLUG, Proof.DNS),
    "contact": confirmed,
    "terms": lambda vault: accept_present_terms(vault, SLUG, PRESENT_TERMS),
}


@pytest.mark.parametrize("last", STEPS)
def test_a_brand_is_verified_with_the_last_of_three_steps_and_not_before(sqlite_house, last):
    new_brand(sqlite_house, ready=False)
    with sqlite_house.open_vault("recipient") as vault:
        for name in STEPS.keys() - {last}:
            STEPS[name](vault)
        _, recipient = require_brand(vault, SLUG)
        with pytest.raises(RecipientNotReady):
            require_ready(recipient)

    with sqlite_house.open_vault("recipient") as vault:
        STEPS[last](vault)

    with sqlite_house.open_reading_vault() as vault:
        assert is_ready(require_brand(vault, SLUG)[1])
        log = StoredLog(vault.session)
        entries = [parse(body) for body, _ in log.entries(0, log.size)]
    assert [entry.scope for entry in entries if entry.action == "brand.verified"] == [f"brand/{SLUG}"]


def test_a_contact_is_confirmed_by_the_last_mail_alone_and_for_three_days(sqlite_house, clock):
    new_brand(sqlite_house, ready=False)
    with sqlite_house.open_vault("recipient") as vault:
        brand, recipient = ask_contact(vault, SLUG)
        earlier = contact_token(KEY, brand, recipient.contact)
        clock.advance(timedelta(minutes=1))
        later = contact_token(KEY, ask_contact(vault, SLUG)[0], recipient.contact)

    with pytest.raises(BrandUnknown), sqlite_house.open_vault("recipient") as vault:
        confirm_contact(vault, SLUG, earlier, KEY)
    clock.advance(timedelta(days=3))
    with pytest.raises(BrandUnknown), sqlite_house.open_vault("recipient") as vault:
        confirm_contact(vault, SLUG, later, KEY)


def test_the_operator_verifies_by_hand_and_ends_a_suspension_without_verifying(sqlite_house):
    new_brand(sqlite_house, ready=False)
    home = {"KLARWERT_HOME": str(sqlite_house.config.home)}
    commands = [
        ["recipient", "suspend", SLUG],
        ["brand", "resume", SLUG],
        ["brand", "list"],
        ["brand", "verify", SLUG],
        ["brand", "list"],
    ]

    said = [CliRunner().invoke(klarwert, command, env=home) for command in commands]

    assert [result.exit_code for result in said] == [0] * 5, said
    assert f"{SLUG}: rosengarten.example not shown, contact not confirmed, terms none" in said[2].output
    assert f"{SLUG}: rosengarten.example by operator, contact confirmed, terms none" in said[4].output
    with sqlite_house.open_reading_vault() as vault:
        recipient = require_brand(vault, SLUG)[1]
        assert (recipient.suspended_at, recipient.verified_at) == (None, None)


def test_other_terms_than_the_present_ones_are_not_accepted(sqlite_house):
    new_brand(sqlite_house, ready=False)

    with pytest.raises(RecipientRefused), sqlite_house.open_vault("recipient") as vault:
        accept_present_terms(vault, SLUG, "2026-11")


def test_the_terms_on_the_page_are_those_of_the_document():
    document = " ".join((ROOT / "docs/recipient-terms.md").read_text(encoding="utf-8").split())

    assert f"version {PRESENT_TERMS}" in document
    for number, clause in enumerate(CLAUSES, start=1):
        title, said = (
            WORDS.say(f"recipient_terms.{clause}_{part}", Language.EN) for part in ("title", "text")
        )
        assert f"{number}. **{title}.** {said}" in document
    for use in ("work", "credit", "insurance", "housing", "served"):
        assert use in WORDS.say("recipient_terms.uses_text", Language.EN)


def test_whoever_is_not_on_the_team_knows_no_such_brand_and_roles_include_those_before(house):
    ada, grace = new_person(house), new_person(house, "grace@example.org")
    brand = new_brand(house, ada.subject_id)
    with house.open_vault("subject") as vault:
        accept_invitation(vault, grace.subject_id, invite(vault, brand, Role.EDITOR))

    with house.open_reading_vault() as vault:
        assert require_member(vault, ada.subject_id, SLUG, Role.EDITOR).role is Role.OWNER
        assert require_member(vault, grace.subject_id, SLUG, Role.VIEWER).role is Role.EDITOR
        with pytest.raises(BrandRoleMissing):
            require_member(vault, grace.subject_id, SLUG, Role.OWNER)
        for slug, person in (("nobody", ada), (SLUG, new_person(house, "eve@example.org"))):
            with pytest.raises(BrandUnknown):
                require_member(vault, person.subject_id, slug)
        marks = {member_mark(vault, row) for row in members(vault, brand)}
    assert len(marks) == 2


def test_an_invitation_works_once_for_seven_days_and_can_be_taken_back(sqlite_house, clock):
    house, ada = sqlite_house, new_person(sqlite_house)
    brand = new_brand(house)
    with house.open_vault("subject") as vault:
        used, old, back = (invite(vault, brand, Role.VIEWER) for _ in range(3))
        vault.flush()
        accept_invitation(vault, ada.subject_id, used)
        (first, *_) = invitations(vault, brand)
        take_back_invitation(vault, brand, first.id)
        assert len(invitations(vault, brand)) == 1
    clock.advance(timedelta(days=7))

    for token in (used, old, back, "never"):
        with pytest.raises(InvitationGone), house.open_vault("subject") as vault:
            accept_invitation(vault, ada.subject_id, token)


def test_nobody_below_18_joins_a_team(sqlite_house):
    house, ada = sqlite_house, new_person(sqlite_house)
    brand = new_brand(house)
    with house.open_vault("subject") as vault:
        permit, subject = (
            require_permit(vault, ada.subject_id, ACCOUNT),
            require_subject(vault, ada.subject_id),
        )
        account = read_account(vault, permit, subject)
        write_account(vault, permit, subject, type(account)(**vars(account) | {"age_band": AgeBand.SIXTEEN}))
        token = invite(vault, brand, Role.VIEWER)

    with pytest.raises(TooYoung), house.open_vault("subject") as vault:
        accept_invitation(vault, ada.subject_id, token)

    with house.open_reading_vault() as vault:
        assert len(invitations(vault, brand)) == 1


def test_two_owners_who_leave_at_once_do_not_leave_it_ownerless(house):
    ada, grace = new_person(house), new_person(house, "grace@example.org")
    brand = new_brand(house, ada.subject_id)
    with house.open_vault("subject") as vault:
        accept_invitation(vault, grace.subject_id, invite(vault, brand, Role.OWNER))
    together = Barrier(2)

    def leave(person) -> bool:
        together.wait()
        try:
            with house.open_vault("recipient") as vault:
                leave_team(vault, brand, person.subject_id)
        except LastOwner:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        left = list(pool.map(leave, (ada, grace)))

    assert sorted(left) == [False, True]
    with house.open_reading_vault() as vault:
        assert has_owner(vault, brand)


def test_the_last_owner_stays_one_but_an_erasure_is_hindered_by_nothing(sqlite_house):
    house, ada = sqlite_house, new_person(sqlite_house)
    brand = new_brand(house, ada.subject_id)
    with pytest.raises(LastOwner), house.open_vault("recipient") as vault:
        change_role(vault, brand, ada.subject_id, Role.EDITOR)

    erase_account(house, ada.subject_id, CollectingMailer())

    with house.open_reading_vault() as vault:
        assert list(members(vault, brand)) == []
        assert not has_owner(vault, brand)
        assert require_brand(vault, SLUG)[1].name == "Rosengarten GmbH"
