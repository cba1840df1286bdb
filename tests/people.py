"""People for tests: joined, confirmed, consenting, with an archive imported, through the real ways."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.accounts import confirm, join
from app.consents import decide
from app.imports import enqueue_upload, open_upload
from app.transaction import House
from app.worker import Worker
from consent.notice import notice
from consent.purpose import score_scope
from consent.record import Choice, Surface, find_latest
from sources.activity import Platform
from tests.making import create, outbox, persons, received, tweet, x_archive, x_file, zip_of
from vault.subject import AgeBand

ADA, PASSWORD = "ada@example.org", "a long enough password"


class CollectingMailer:
    """Keeps mails instead of sending them."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []
        self.headers: list[Mapping[str, str]] = []

    def send(self, address: str, subject: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        self.sent.append((address, subject, text))
        self.headers.append(headers or {})

    def last_token(self) -> str:
        found = re.findall(r"token=([A-Za-z0-9_-]+)", self.sent[-1][2])
        return str(found[-1])


@dataclass(frozen=True)
class Person:
    """Somebody with a confirmed account."""

    subject_id: UUID
    address: str
    password: str = PASSWORD


def work(house: House, mailer: CollectingMailer | None = None) -> CollectingMailer:
    """Do every job there is; returns the mails sent meanwhile."""
    mailer = mailer or CollectingMailer()
    worker = Worker(house, mailer)
    while worker.run_once():
        pass
    return mailer


def new_person(house: House, address: str = ADA, language: str = "en") -> Person:
    """Join and confirm."""
    join(house, address, PASSWORD, language, AgeBand.ADULT)
    confirm(house, work(house).last_token())
    return who_joined(house, address)


def who_joined(house: House, address: str = ADA) -> Person:
    """Somebody who is there already."""
    subject_id = house.keystore.find_subject(address)
    assert subject_id is not None
    return Person(subject_id, address)


def give_consent(house: House, person: Person, platform: Platform = Platform.X) -> None:
    _decide(house, person, platform, Choice.GIVEN)


def withdraw_consent(house: House, person: Person, platform: Platform = Platform.X) -> None:
    _decide(house, person, platform, Choice.WITHDRAWN)


def import_archive(house: House, person: Person, platform: Platform, archive: bytes) -> UUID:
    """Upload an archive and let the worker read and score it."""
    job_id = upload_archive(house, person, platform, archive)
    work(house)
    return job_id


def upload_archive(house: House, person: Person, platform: Platform, archive: bytes) -> UUID:
    """Upload an archive and leave it in the queue."""
    upload = open_upload(house, person.subject_id, platform)
    upload.writer.write(archive)
    return enqueue_upload(house, person.subject_id, upload)


def _decide(house: House, person: Person, platform: Platform, decision: Choice) -> None:
    scope = score_scope(platform)
    with house.open_reading_vault() as vault:
        latest = find_latest(vault, person.subject_id, scope)
    decide(
        house,
        person.subject_id,
        scope,
        decision,
        language="en",
        notice_sha256=notice(scope, "en").sha256,
        seen=latest.number if latest else 0,
        surface=Surface.PAGE,
    )


def x_zip(likes: int = 3) -> bytes:
    """A small X archive with followers and two answered posts."""
    rows = [tweet(number, favorite_count=str(likes)) for number in (1, 2)]
    followers = {"data/follower.js": x_file("follower", persons("follower", 12))}
    return x_archive(rows, **followers)


def mastodon_zip(likes: int = 2) -> bytes:
    """A small Mastodon archive with the counters of 4.3."""
    return zip_of({"outbox.json": outbox([create(1, **received(likes, 1)), create(2, **received(0, 0))])})
