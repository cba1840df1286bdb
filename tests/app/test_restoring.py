"""An account taken along to another installation: history and language come, and nothing is in force."""

import io
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime

import pytest

from app.demo_archives import demo_creators
from app.erasing import erase_account
from app.imports import UploadEmpty, imports
from app.jobs import JobState
from app.restoring import Restoring, enqueue_copy, open_copy, restoring
from app.transaction import House, open_house
from audit.checkpoint import NoteSigner
from audit.entry import parse
from audit.stored import StoredLog
from consent.errors import ConsentMissing
from consent.gate import permits_for_rights, permits_in_force, require_permit
from consent.limits import Ground, LimitKind, limit
from consent.purpose import ACCOUNT, RIGHTS, RULES, Basis, Purpose, Scope
from consent.record import find_in_force, history
from explain.report import score_report
from rights.errors import AccountNotNew
from rights.restoration import Brought, read_brought
from sources.activity import Platform
from sources.errors import PackageRefused
from sources.package import find_package
from sources.store import find_batches, open_records
from tests.installations import Original, prepared
from tests.packaging import EVENT, SIGNER, files, json_lines, member, package, with_member
from tests.people import (
    Person,
    give_consent,
    import_archive,
    mastodon_zip,
    new_person,
    withdraw_consent,
    work,
    x_zip,
)
from tests.rights.copying import copy_of, lines, opened
from vault.subject import AgeBand, read_account, require_subject

OTHER = NoteSigner("third.example/klarwert-log/1/receipts", b"t" * 32)


@pytest.fixture(scope="module")
def another(tmp_path_factory) -> Iterator[Original]:
    """Another installation, with keys of its own."""
    with prepared(tmp_path_factory.mktemp("another") / "home") as original:
        yield original


@pytest.fixture
def elsewhere(another, tmp_path, clock) -> Iterator[House]:
    with another.copied(tmp_path / "elsewhere") as config, closing(open_house(config, clock)) as there:
        yield there


def bring(house: House, person: Person, copy: bytes) -> Restoring:
    upload = open_copy(house, person.subject_id)
    upload.writer.write(copy)
    enqueue_copy(house, person.subject_id, upload)
    work(house)
    return restoring(house, person.subject_id)


def language_of(house: House, person: Person) -> str:
    with house.open_reading_vault() as vault:
        permit = permits_for_rights(vault, person.subject_id)[ACCOUNT]
        return read_account(vault, permit, require_subject(vault, person.subject_id)).language


def decided(house: House, person: Person) -> list[tuple[str, int, str, str | None]]:
    with house.open_reading_vault() as vault:
        return [
            (str(made.scope), made.number, made.decision.value, made.carried_as)
            for made in history(vault, person.subject_id)
        ]


def actions(house: House) -> list[str]:
    with house.open_reading_vault("auditor") as vault:
        log = StoredLog(vault.connection)
        return [parse(body).action.value for body, _ in log.entries(0, log.size)]


def spooled(house: House) -> list[str]:
    return [path.name for path in house.config.spool.glob("*.*")]


def test_an_account_moves_with_its_history_and_scores_the_same_after_consenting_anew(house, elsewhere):
    creator = next(one for one in demo_creators(date(2026, 11, 1)) if len(one.archives) > 1)
    there = new_person(elsewhere, language="de")
    for platform, archive in creator.archives:
        give_consent(elsewhere, there, platform)
        import_archive(elsewhere, there, platform, archive())
    copy = copy_of(elsewhere, there)
    here = new_person(house, "ada@new.example")

    standing = bring(house, here, copy)

    assert standing.restored is not None
    assert (standing.restored.decisions, standing.restored.is_known) == (len(creator.archives), False)
    assert standing.restored.key == elsewhere.receipts.verifier_key()
    assert (standing.restored.took_language, standing.restored.age_agrees) == (True, True)
    assert language_of(house, here) == "de"
    assert {line[2:] for line in decided(house, here)} == {("carried", "given")}
    assert spooled(house) == []
    with house.open_reading_vault() as vault:
        assert permits_in_force(vault, here.subject_id, Purpose.SCORE_COMPUTE) == {}
        assert find_batches(vault, here.subject_id) == {}
    for platform, _ in creator.archives:
        with pytest.raises(ConsentMissing):
            import_archive(house, here, platform, copy)
        give_consent(house, here, platform)
        import_archive(house, here, platform, copy)
    assert records(house, here) == records(elsewhere, there)
    assert parts(house, here) == parts(elsewhere, there)


def records(house: House, person: Person):
    with house.open_reading_vault() as vault:
        return open_records(vault, permits_in_force(vault, person.subject_id, Purpose.SCORE_COMPUTE))


def parts(house: House, person: Person):
    with house.open_reading_vault() as vault:
        report = score_report(vault, person.subject_id)
        assert report is not None
        return report.parts


def test_a_carried_consent_opens_nothing_for_any_purpose(house):
    """Every purpose that rests on consent, brought along as given: the gate refuses each of them."""
    person = new_person(house)
    by_consent = [purpose for purpose, rule in RULES.items() if rule.basis is Basis.CONSENT]
    events = [{**EVENT, "purpose": purpose.value, "expires_at": None} for purpose in by_consent]

    standing = bring(house, person, package(files(events=json_lines(*events))))

    assert standing.restored is not None
    assert standing.restored.decisions == len(by_consent) > 5
    for actor in ("subject", "worker", "staff", "recipient", "system"):
        with house.open_reading_vault(actor) as vault:
            for purpose in by_consent:
                scope = Scope(purpose, "x")
                with pytest.raises(ConsentMissing):
                    require_permit(vault, person.subject_id, scope)
                assert permits_in_force(vault, person.subject_id, purpose) == {}
                assert find_in_force(vault, person.subject_id, scope) is None
            assert permits_for_rights(vault, person.subject_id).keys() == {ACCOUNT, RIGHTS}
            vault.denials.clear()
    assert {made[2] for made in decided(house, person)} == {"carried"}


def test_what_was_decided_there_is_kept_in_its_order_and_goes_on_here(house, person):
    first = {**EVENT, "number": 1}
    second = {**EVENT, "number": 2, "decision": "withdrawn", "decided_at": "2026-03-01T00:00:00+00:00"}
    third = {**EVENT, "number": 3, "decision": "carried", "carried_as": "refused"}
    third |= {"decided_at": "2026-03-02T00:00:00+00:00", "a_column_of_later": {"not": "looked at"}}

    bring(house, person, package(files(events=json_lines(third, first, second))))
    give_consent(house, person)

    scope = "score.compute/x"
    assert decided(house, person) == [
        (scope, 1, "carried", "given"),
        (scope, 2, "carried", "withdrawn"),
        (scope, 3, "carried", "refused"),
        (scope, 4, "given", None),
    ]
    import_archive(house, person, Platform.X, x_zip())
    withdraw_consent(house, person)
    with house.open_reading_vault() as vault:
        assert find_batches(vault, person.subject_id) == {}
    done = [name for name in actions(house) if name.startswith(("account.restored", "consent."))]
    assert done == [*["consent.carried"] * 3, "account.restored", "consent.given", "consent.withdrawn"]
    copied = opened(copy_of(house, person))
    assert [line["carried_as"] for line in lines(copied["consents/events.jsonl"])].count(None) == 2
    assert not any("receipts/score.compute-x-1." in name for name in copied)  # nobody here vouches for it
    erase_account(house, person.subject_id)


FAILING: dict[str, tuple[Callable[[], bytes], str, str | None]] = {
    "a platform's own archive": (x_zip, "package-refused", "kind"),
    "another platform's archive": (mastodon_zip, "package-refused", "kind"),
    "no zip": (lambda: b"%PDF-1.7" + bytes(100), "package-refused", "kind"),
    "cut off": (lambda: package()[:-1000], "archive-unreadable", "truncated"),
    "a bomb": (
        lambda: with_member(package(), "data/more.jsonl", bytes(30 << 20)),
        "archive-unsafe",
        "ratio",
    ),
    "one changed byte": (
        lambda: with_member(package(), "consents/events.jsonl", json_lines({**EVENT, "about": "y"})),
        "package-refused",
        "file-changed",
    ),
}
WRONG_EVENTS: dict[str, dict[str, object]] = {
    "a decision nobody knows": {"decision": "granted"},
    "carried as carried": {"decision": "carried", "carried_as": "carried"},
    "carried as nothing": {"decision": "carried", "carried_as": None},
    "a purpose nobody knows": {"purpose": "ads.show"},
    "a purpose that needs no consent": {"purpose": "account", "about": ""},
    "about something else": {"about": "../x"},
    "about far too much": {"about": "x" * 300},
    "a number that is none": {"number": "1"},
    "a number that is true": {"number": True},
    "words without a digest": {"notice_sha256": "a"},
    "a version with a text": {"notice_version": "Ada was here"},
    "a language with a text": {"notice_language": "english"},
    "a place that is none": {"surface": "billboard"},
    "a reason that is none": {"reason": "because"},
    "decided tomorrow": {"decided_at": "2026-11-21T12:00:01+00:00"},
    "decided at no place on earth": {"decided_at": "2026-11-01T12:00:00"},
    "decided by a number": {"decided_at": 0},
    "no version": {"notice_version": None},
}


@pytest.mark.parametrize("attack", FAILING)
def test_what_is_no_whole_copy_is_refused_and_leaves_the_account_as_it_was(sqlite_house, attack):
    build, slug, reason = FAILING[attack]
    person = new_person(sqlite_house)

    standing = bring(sqlite_house, person, build())

    assert standing.job is not None
    assert (standing.job.state, standing.job.problem) == (JobState.FAILED, slug)
    assert standing.job.facts.get("reason") == reason
    assert (standing.restored, standing.is_new) == (None, True)
    assert (language_of(sqlite_house, person), decided(sqlite_house, person)) == ("en", [])
    assert spooled(sqlite_house) == []
    assert not {"account.restored", "consent.carried"} & set(actions(sqlite_house))


WRONG_ACCOUNTS = {
    "a language nobody speaks here": (b'"de"', b'"xx"'),
    "a language that is a list": (b'"de"', b'["de"]'),
    "an age that is none": (b"18-plus", b"99"),
    "an account that is a text": (b'"account": {', b'"account": "", "a": {'),
    "two accounts": (b"\n", b"\n{}\n"),
}


def reading(copy: bytes, now: datetime) -> Brought:
    found = find_package(io.BytesIO(copy))
    assert found is not None
    found.verify()
    return read_brought(found, now)


@pytest.mark.parametrize("wrong", WRONG_EVENTS)
def test_one_decision_out_of_form_refuses_the_whole_copy(clock, wrong):
    events = json_lines(EVENT, {**EVENT, "number": 2, **WRONG_EVENTS[wrong]})

    with pytest.raises(PackageRefused) as refused:
        reading(package(files(events=events)), clock.now)

    assert refused.value.facts == {"reason": "entry", "file": "consents/events.jsonl", "row": 2}


@pytest.mark.parametrize("wrong", WRONG_ACCOUNTS)
def test_an_account_out_of_form_refuses_the_whole_copy(clock, wrong):
    account = member(package(), "data/account.jsonl").replace(*WRONG_ACCOUNTS[wrong])

    with pytest.raises(PackageRefused) as refused:
        reading(package(files(account=account)), clock.now)

    assert (refused.value.facts["reason"], refused.value.facts["file"]) == ("entry", "data/account.jsonl")


def test_a_copy_without_an_account_or_with_a_decision_twice_is_refused(clock):
    for copy, reason in (
        (package({"consents/events.jsonl": b""}), "file-missing"),
        (package(files(events=json_lines(EVENT, EVENT))), "entry"),
    ):
        with pytest.raises(PackageRefused) as refused:
            reading(copy, clock.now)
        assert refused.value.facts["reason"] == reason


def test_somebody_elses_copy_brings_history_and_nothing_that_acts(sqlite_house):
    """A file is no proof of who brings it, so nothing in it may open, send or say anything here."""
    person = new_person(sqlite_house, "bob@example.org")

    bring(sqlite_house, person, package(signer=OTHER))

    assert decided(sqlite_house, person) == [("score.compute/x", 1, "carried", "given")]
    assert sqlite_house.keystore.find_subject("ada@elsewhere.example") is None
    with sqlite_house.open_reading_vault() as vault:
        account = read_account(
            vault,
            permits_for_rights(vault, person.subject_id)[ACCOUNT],
            require_subject(vault, person.subject_id),
        )
    assert (account.address, account.age_band) == ("bob@example.org", AgeBand.ADULT)


def test_a_known_key_is_said_to_be_known_and_an_age_is_never_taken_from_a_file(sqlite_house):
    known = replace(sqlite_house, config=replace(sqlite_house.config, known_issuers=(SIGNER.verifier_key(),)))
    person = new_person(known)
    younger = member(package(), "data/account.jsonl").replace(b"18-plus", b"16-17")

    standing = bring(known, person, package(files(account=younger)))

    assert standing.restored is not None
    assert (standing.restored.is_known, standing.restored.age_agrees) == (True, False)


def test_an_account_that_decided_or_was_brought_already_takes_no_copy(house):
    person, brought = new_person(house), new_person(house, "bob@example.org")
    waiting = open_copy(house, person.subject_id)
    waiting.writer.write(package())
    give_consent(house, person)
    bring(house, brought, package())

    with pytest.raises(AccountNotNew):  # also where it became so while the file arrived
        enqueue_copy(house, person.subject_id, waiting)
    for somebody in (person, brought):
        with pytest.raises(AccountNotNew):
            open_copy(house, somebody.subject_id)

    assert spooled(house) == []
    assert imports(house, person.subject_id) == ()


def test_a_consent_given_while_the_copy_waits_keeps_it_out(house, person):
    upload = open_copy(house, person.subject_id)
    upload.writer.write(package())
    enqueue_copy(house, person.subject_id, upload)

    give_consent(house, person)
    work(house)

    standing = restoring(house, person.subject_id)
    assert standing.job is not None
    assert standing.job.problem == "account-not-new"
    assert [line[2] for line in decided(house, person)] == ["given"]


def test_whoever_restricted_processing_may_bring_a_copy_and_nothing_at_all_is_no_copy(sqlite_house, person):
    with sqlite_house.open_vault("subject") as vault:
        limit(vault, person.subject_id, LimitKind.RESTRICTED, Ground.UNLAWFUL)

    with pytest.raises(UploadEmpty):
        enqueue_copy(sqlite_house, person.subject_id, open_copy(sqlite_house, person.subject_id))

    assert bring(sqlite_house, person, package()).restored is not None
