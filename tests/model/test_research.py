"""Training data: of those who agree at that moment, of ten at least, and named when they must go."""

import csv
import hashlib
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.erasing import erase_account
from app.researching import MANIFEST, MATRIX, build_into, destroy, list_builds
from audit.entry import Action, ActorRole, parse
from audit.stored import StoredLog
from consent.access import accesses
from consent.decision import give, withdraw
from consent.errors import TooYoung
from consent.gate import require_permit
from consent.limits import Ground, LimitKind, limit
from consent.notice import notice
from consent.purpose import ACCOUNT
from consent.signal import hear
from model.errors import BuildRefused, BuildUnknown, TooFewPeople
from model.research import COLUMNS, DESTROY_WITHIN, ResearchUse, research_scope
from tests.app.releasing_people import scored_people, scored_person
from vault.subject import Account, AgeBand, read_account, require_subject, write_account

SCOPE = research_scope()


def grown_up(house, subject_id):
    with house.open_vault("subject") as vault:
        permit, subject = require_permit(vault, subject_id, ACCOUNT), require_subject(vault, subject_id)
        known = read_account(vault, permit, subject)
        adult = Account(known.address, known.credential, known.language, AgeBand.ADULT)
        write_account(vault, permit, subject, adult)


def agree(house, subject_id):
    grown_up(house, subject_id)
    with house.open_vault("subject") as vault:
        give(vault, subject_id, notice(SCOPE, "en"))


def leave(house, subject_id):
    with house.open_vault("subject") as vault:
        withdraw(vault, subject_id, notice(SCOPE, "en"))


def restrict(house, subject_id):
    with house.open_vault("subject") as vault:
        limit(vault, subject_id, LimitKind.RESTRICTED, Ground.ACCURACY_CONTESTED)


def read_by_operator(house, subject_id):
    with house.open_reading_vault() as vault:
        found = accesses(vault, subject_id)
    return [(one.scope, one.fields) for one in found if one.role is ActorRole.OPERATOR]


@pytest.fixture
def agreeing(house):
    people = scored_people(house, 10)
    for one in people:
        agree(house, one)
    return people


def test_fewer_than_ten_are_refused_and_nothing_is_opened(house, tmp_path):
    people = scored_people(house, 10)
    for one in people[:9]:
        agree(house, one)

    with pytest.raises(TooFewPeople):
        build_into(house, tmp_path / "build")

    assert not (tmp_path / "build").exists()
    assert list_builds(house) == ()
    assert not any(read_by_operator(house, one) for one in people)


def test_a_build_holds_numbers_of_those_who_agree_and_of_nobody_else(house, tmp_path, agreeing):
    silent, left, restricted, signalling = (
        scored_person(house, number, likes=9000) for number in range(20, 24)
    )
    for one in (left, restricted, signalling):
        agree(house, one)
    leave(house, left)
    restrict(house, restricted)
    with house.open_vault("subject") as vault:
        hear(vault, signalling)

    made = build_into(house, tmp_path / "build")

    matrix = (tmp_path / "build" / MATRIX).read_bytes()
    header, *rows = csv.reader(matrix.decode().splitlines())
    manifest = json.loads((tmp_path / "build" / MANIFEST).read_text())
    assert tuple(header) == COLUMNS
    assert len(rows) == 10
    assert all(cell == "" or float(cell) >= 0 for row in rows for cell in row)
    assert len({tuple(row) for row in rows}) == 1  # the ten have the same archive, the four another one
    assert manifest["build"] == str(made.id)
    assert (manifest["people"], manifest["built_on"]) == (10, "2026-11-20")
    assert manifest["sha256"] == {MATRIX: hashlib.sha256(matrix).hexdigest()}
    assert {
        path.stat().st_mode & 0o077 for path in (tmp_path / "build", *(tmp_path / "build").iterdir())
    } == {0}
    assert all(read_by_operator(house, one) == [(str(SCOPE), "score.result")] for one in agreeing)
    assert not any(read_by_operator(house, one) for one in (silent, left, restricted, signalling))
    with house.open_reading_vault() as vault:
        log = StoredLog(vault.session)
        entries = [parse(body) for body, _ in log.entries(0, log.size)]
    (built,) = (entry for entry in entries if entry.action is Action.RESEARCH_BUILT)
    assert (built.scope, built.counts, built.subject_ref) == (str(SCOPE), {"rows": 10}, None)


@pytest.mark.parametrize("go", [leave, erase_account], ids=["left", "erased"])
def test_who_leaves_has_the_build_destroyed_within_30_days(house, tmp_path, clock, agreeing, go):
    made = build_into(house, tmp_path / "build")
    (whole,) = list_builds(house)

    go(house, agreeing[0])
    (due,) = list_builds(house)
    clock.advance(DESTROY_WITHIN)
    (late,) = list_builds(house)
    gone = destroy(house, made.id, tmp_path / "build")

    assert whole.destroy_by is None
    assert due.destroy_by == late.destroy_by == clock()
    assert not due.is_overdue(clock() - timedelta(seconds=1))
    assert late.is_overdue(clock())
    assert not gone.is_overdue(clock())
    assert not (tmp_path / "build").exists()
    with house.open_reading_vault() as vault:
        assert vault.session.scalars(select(ResearchUse)).all() == []
    with pytest.raises(TooFewPeople):
        build_into(house, tmp_path / "again")


def test_only_the_build_that_is_named_is_destroyed_and_nothing_is_overwritten(house, tmp_path, agreeing):
    one, other = (build_into(house, tmp_path / name) for name in ("one", "other"))

    with pytest.raises(BuildRefused):
        build_into(house, tmp_path / "one")
    with pytest.raises(BuildRefused):
        destroy(house, one.id, tmp_path / "other")
    with pytest.raises(BuildUnknown):
        destroy(house, agreeing[0], None)

    assert (tmp_path / "one" / MATRIX).exists()
    assert (tmp_path / "other" / MATRIX).exists()
    assert [view.destroyed_at for view in list_builds(house)] == [None, None]
    assert other.id != one.id


def test_whoever_is_not_known_to_be_grown_up_cannot_agree(house):
    (person,) = scored_people(house, 1)

    with pytest.raises(TooYoung), house.open_vault("subject") as vault:
        give(vault, person, notice(SCOPE, "en"))
