"""People with a score, made without a password hash or an archive: as many as a release is counted over."""

from uuid import UUID, uuid4

from app.transaction import House
from consent.decision import give
from consent.gate import require_permit
from consent.notice import notice
from consent.purpose import ACCOUNT, score_scope
from consent.record import find_latest
from model.score import compute
from sources.activity import ActivityRecord, Platform
from sources.store import replace_record
from tests.model.making import record, week
from vault.subject import Account, Subject, write_account


def scored_people(house: House, count: int, language: str = "en") -> list[UUID]:
    """So many people, each with the same archive of X, scored on the card in force."""
    return [scored_person(house, number, language) for number in range(count)]


def scored_person(house: House, number: int, language: str = "en", likes: int = 300) -> UUID:
    subject_id = uuid4()
    with house.open_vault("worker") as vault:
        address = f"person-{number}-{subject_id.hex}@example.org"
        vault.keystore.create_subject(subject_id, address, vault.now())
        subject = Subject(
            id=subject_id, created_at=vault.now(), confirmed_at=vault.now(), row_version=0, account=b""
        )
        vault.session.add(subject)
        vault.session.flush()
        permit = require_permit(vault, subject_id, ACCOUNT)
        write_account(vault, permit, subject, Account(address, "no password", language))
    bring(house, subject_id, record(weeks=[week(likes_received=likes)]))
    return subject_id


def bring(house: House, subject_id: UUID, brought: ActivityRecord) -> None:
    """Consent to a network, store its record and compute the score."""
    scope = score_scope(brought.platform)
    with house.open_vault("subject") as vault:
        latest = find_latest(vault, subject_id, scope)
        give(vault, subject_id, notice(scope, "en"), seen=latest.number if latest else 0)
    with house.open_vault("worker") as vault:
        replace_record(vault, require_permit(vault, subject_id, scope), brought)
        compute(vault, subject_id)


def another_platform_record() -> ActivityRecord:
    return record(Platform.MASTODON, weeks=[week(likes_received=50, reshares_received=4)])
