"""`serve --demo`: three invented creators, brought in through the same doors as anybody.

They live in an installation of their own, so a demo never touches real people's data.
"""

import re
from collections.abc import Mapping
from uuid import UUID

from app.accounts import confirm, join
from app.consents import decide
from app.demo_archives import DemoCreator, demo_creators
from app.imports import enqueue_upload, open_upload
from app.transaction import House
from app.worker import Worker
from consent.notice import notice
from consent.purpose import score_scope
from consent.record import Choice, Surface
from sources.activity import Platform
from vault.subject import AgeBand

PASSWORD = "demo-demo-demo"  # shown on the sign-in page of a demo


class _KeepingMailer:
    """Keeps the last mail: invented people have no letter box."""

    def __init__(self) -> None:
        self.last = ("", "", "")

    def send(
        self,
        address: str,
        subject: str,
        text: str,
        headers: Mapping[str, str] | None = None,  # noqa: ARG002  no letters go to invented people
    ) -> None:
        self.last = (address, subject, text)


def demo_people(house: House) -> tuple[tuple[str, str], ...]:
    """Address and password of each invented creator."""
    return tuple((creator.email, PASSWORD) for creator in _creators(house))


def fill(house: House) -> None:
    """Bring in the invented creators that are not there yet."""
    for creator in _creators(house):
        if house.keystore.find_subject(creator.email) is None:
            _bring_in(house, creator)


def _creators(house: House) -> tuple[DemoCreator, ...]:
    return demo_creators(house.clock().date())


def _bring_in(house: House, creator: DemoCreator) -> None:
    mailer = _KeepingMailer()
    worker = Worker(house, mailer)
    join(house, creator.email, PASSWORD, creator.language, AgeBand.ADULT)
    _finish_jobs(worker)
    confirm(house, re.findall(r"token=([\w-]+)", mailer.last[2])[-1])
    subject_id = house.keystore.find_subject(creator.email)
    if subject_id is None:
        raise RuntimeError("An account that was just made is not there.")
    for platform, archive in creator.archives:
        _import(house, subject_id, platform, creator.language, archive())
        _finish_jobs(worker)


def _import(house: House, subject_id: UUID, platform: Platform, language: str, archive: bytes) -> None:
    scope = score_scope(platform)
    decide(
        house,
        subject_id,
        scope,
        Choice.GIVEN,
        language=language,
        notice_sha256=notice(scope, language).sha256,
        seen=0,
        surface=Surface.PAGE,
    )
    upload = open_upload(house, subject_id, platform)
    upload.writer.write(archive)
    enqueue_upload(house, subject_id, upload)


def _finish_jobs(worker: Worker) -> None:
    while worker.run_once():
        pass
