"""Refusing, newer words, ends by others, and what each leaves behind."""

from dataclasses import replace
from datetime import timedelta

import pytest

from audit.entry import parse
from audit.stored import StoredLog
from consent.confirmation import begin_confirmation, redeem
from consent.decision import end_for_them, expire, give, is_reconsent_required, refuse, request
from consent.disclosure import covered_fields
from consent.errors import ConsentChanged, ConsentMissing, GrantNotTheirs, NoticeUnknown, TooYoung
from consent.gate import permits_in_force, require_permit
from consent.notice import notice
from consent.part import Aspect, SharedField
from consent.purpose import ACCOUNT, RULES, Basis, Purpose, Scope, score_scope
from consent.record import Decision, EndReason, Surface, find_in_force, history
from sources.activity import Platform
from sources.store import find_batches
from tests.consent.registers import with_newer_text
from tests.people import give_consent, import_archive, withdraw_consent, x_zip
from vault.errors import KeyDestroyed
from vault.subject import AgeBand, read_account, require_subject, write_account

X = score_scope("x")
SHARE = Scope(Purpose.BRAND_SHARE, "acme/box")
NAMES = {"brand": "Acme", "perk": "Box", "line": "cards"}
ABOUT = {
    Purpose.SCORE_COMPUTE: "x",
    Purpose.BRAND_SHARE: "acme/box",
    Purpose.RESEARCH_TRAIN: "cards",
    Purpose.PROFILE_PUBLIC: "score",
}
ASKED = [
    Scope(purpose, ABOUT.get(purpose, "")) for purpose, rule in RULES.items() if rule.basis is Basis.CONSENT
]
TERMS = [scope.rule.lasts for scope in ASKED if scope.rule.lasts is not None]


def declare(house, person, band):
    with house.open_vault("subject") as vault:
        permit = require_permit(vault, person.subject_id, ACCOUNT)
        subject = require_subject(vault, person.subject_id)
        account = read_account(vault, permit, subject)
        write_account(vault, permit, subject, replace(account, age_band=band))


def shown(scope, **given):
    chosen = (SharedField.SCORE_BAND, SharedField.HANDLES) if scope.purpose is Purpose.BRAND_SHARE else ()
    return notice(scope, "en", chosen=chosen, names=NAMES, **given)


def confirmed(vault, person, scope):
    """The evidence that a link was followed, where a purpose asks for it."""
    if not scope.rule.confirmed_by_mail:
        return None
    wished = request(vault, person.subject_id, shown(scope))
    vault.flush()
    return redeem(vault, begin_confirmation(vault, wished))


def decisions_of(house, person):
    with house.open_reading_vault() as vault:
        return [record.decision.value for record in history(vault, person.subject_id)]


def test_a_no_is_a_record_and_stands_in_the_log(house, person):
    with house.open_vault("subject") as vault:
        refuse(vault, person.subject_id, shown(X), seen=0)

    with house.open_reading_vault("system") as vault:
        (record,) = history(vault, person.subject_id)
        log = StoredLog(vault.session)
        said = [parse(body) for body, _ in log.entries(0, log.size)]
    assert (record.decision, record.notice_sha256, record.expires_at) == ("refused", shown(X).sha256, None)
    assert "consent.refused" in [entry.action for entry in said]
    with pytest.raises(ConsentMissing), house.open_reading_vault() as vault:
        require_permit(vault, person.subject_id, X)


def test_the_very_words_in_force_cannot_be_refused_but_withdrawn(sqlite_house, person):
    give_consent(sqlite_house, person)

    with pytest.raises(ConsentChanged), sqlite_house.open_vault("subject") as vault:
        refuse(vault, person.subject_id, shown(X))


def test_a_newer_text_that_asks_for_nothing_more_leaves_consents_as_they_are(sqlite_house, person, tmp_path):
    give_consent(sqlite_house, person)
    notices = with_newer_text(tmp_path)

    with sqlite_house.open_reading_vault("worker") as vault:
        given = find_in_force(vault, person.subject_id, X)
        assert given is not None
        assert not is_reconsent_required(notices, given)
        require_permit(vault, person.subject_id, X, Aspect.SCORING, notices)


def test_a_newer_text_that_asks_for_more_covers_nothing_new_until_agreed_to(house, person, tmp_path):
    give_consent(house, person)
    notices = with_newer_text(tmp_path, more="handles")

    with house.open_reading_vault("worker") as vault:
        given = find_in_force(vault, person.subject_id, X)
        assert given is not None
        assert is_reconsent_required(notices, given)
        require_permit(vault, person.subject_id, X, Aspect.SCORING, notices)
    with pytest.raises(ConsentMissing), house.open_vault("worker") as vault:
        require_permit(vault, person.subject_id, X, SharedField.HANDLES, notices)

    with house.open_vault("subject") as vault:
        give(vault, person.subject_id, shown(X, notices=notices), notices=notices)
    with house.open_reading_vault("worker") as vault:
        require_permit(vault, person.subject_id, X, SharedField.HANDLES, notices)


def test_a_no_to_what_is_new_keeps_what_was_agreed_to(sqlite_house, person, tmp_path, clock):
    give_consent(sqlite_house, person)
    import_archive(sqlite_house, person, Platform.X, x_zip())
    notices = with_newer_text(tmp_path, more="handles")

    with sqlite_house.open_vault("subject") as vault:
        refuse(vault, person.subject_id, shown(X, notices=notices), seen=1, notices=notices)

    with sqlite_house.open_reading_vault("worker") as vault:
        assert list(permits_in_force(vault, person.subject_id, Purpose.SCORE_COMPUTE)) == [X]
        assert find_batches(vault, person.subject_id) != {}
        with pytest.raises(ConsentMissing):
            require_permit(vault, person.subject_id, X, SharedField.HANDLES, notices)
    clock.advance(timedelta(days=365))
    with sqlite_house.open_vault("system") as vault:
        assert expire(vault) == [person.subject_id]
    assert decisions_of(sqlite_house, person) == ["given", "refused", "expired"]


def test_an_earlier_text_cannot_be_agreed_to_once_there_is_a_newer_one(sqlite_house, person, tmp_path):
    notices = with_newer_text(tmp_path)

    with pytest.raises(NoticeUnknown), sqlite_house.open_vault("subject") as vault:
        give(vault, person.subject_id, shown(X), notices=notices)


def test_sharing_covers_the_fields_its_text_named_and_ends_with_the_perk(house, person):
    with house.open_vault("subject") as vault:
        until = vault.now() + timedelta(days=60)
        given = give(vault, person.subject_id, shown(SHARE), until=until)
        assert given.expires_at == until

    with house.open_reading_vault("recipient") as vault:
        require_permit(vault, person.subject_id, SHARE, Aspect.NAMED_BRAND)
        assert covered_fields(vault, person.subject_id, SHARE) == {"handles", "score-band"}
        for scope, part in ((SHARE, SharedField.SCORE), (Scope(Purpose.BRAND_SHARE, "acme/other"), None)):
            with pytest.raises(ConsentMissing):
                require_permit(vault, person.subject_id, scope, part)


@pytest.mark.parametrize("band", [AgeBand.UNKNOWN, AgeBand.SIXTEEN])
@pytest.mark.parametrize("scope", [scope for scope in ASKED if scope.rule.adults_only], ids=str)
def test_what_is_for_adults_needs_one_who_declared_it(sqlite_house, person, scope, band):
    declare(sqlite_house, person, band)

    with pytest.raises(TooYoung), sqlite_house.open_vault("subject") as vault:
        give(vault, person.subject_id, shown(scope))

    assert decisions_of(sqlite_house, person) == []


def test_every_purpose_ends_with_its_term_and_not_a_moment_before(sqlite_house, person, clock):
    with sqlite_house.open_vault("subject") as vault:
        for scope in ASKED:
            give(vault, person.subject_id, shown(scope), confirmed=confirmed(vault, person, scope))
    began_at, ended = clock.now, []

    for lasts in sorted(set(TERMS)):
        clock.now = began_at + lasts - timedelta(seconds=1)
        with sqlite_house.open_vault("system") as vault:
            assert expire(vault) == []
        clock.now = began_at + lasts
        with sqlite_house.open_vault("system") as vault:
            ended += expire(vault)

    assert ended == [person.subject_id] * len(TERMS)
    with sqlite_house.open_reading_vault() as vault:
        require_permit(vault, person.subject_id, Scope(Purpose.PROFILE_PUBLIC, "score"))


@pytest.mark.parametrize("decision", [Decision.REVOKED, Decision.INVALIDATED])
def test_staff_can_end_a_consent_and_its_data_and_key_go(house, person, decision):
    give_consent(house, person)
    import_archive(house, person, Platform.X, x_zip())

    with house.open_vault("staff", "anna") as vault:
        end_for_them(vault, person.subject_id, X, decision, EndReason.NOT_INFORMED)

    with house.open_reading_vault() as vault:
        ended = history(vault, person.subject_id)[-1]
        assert (ended.decision, ended.reason, ended.alias) == (decision, "not-informed", "anna")
        assert ended.surface is Surface.STAFF
        assert find_batches(vault, person.subject_id) == {}
    with pytest.raises(KeyDestroyed):
        house.keystore.dek(person.subject_id, str(X))


def test_nothing_in_force_cannot_be_ended_by_staff(sqlite_house, person):
    give_consent(sqlite_house, person)
    withdraw_consent(sqlite_house, person)

    with pytest.raises(ConsentMissing), sqlite_house.open_vault("staff", "anna") as vault:
        end_for_them(vault, person.subject_id, X, Decision.REVOKED, EndReason.ORDERED)


@pytest.mark.parametrize(
    "actor", ["staff", "reviewer", "operator", "worker", "system", "recipient", "auditor"]
)
@pytest.mark.parametrize("decide", [give, request, refuse])
def test_nobody_but_the_person_decides_for_them(sqlite_house, person, actor, decide):
    with pytest.raises(GrantNotTheirs), sqlite_house.open_vault(actor) as vault:
        decide(vault, person.subject_id, shown(X))
