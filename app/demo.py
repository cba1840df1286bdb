"""`serve --demo`: invented creators, brought in through the same doors as anybody.

They live in an installation of their own, so a demo never touches real people's data. The brands they meet:
demo_perks.py.
"""

import re
from collections.abc import Mapping
from uuid import UUID

from app.accounts import confirm, join
from app.consents import decide
from app.demo_archives import DemoCreator, demo_creators
from app.imports import enqueue_upload, open_upload
from app.mail import Mailer
from app.transaction import House
from app.worker import Worker
from consent.notice import notice
from consent.purpose import Scope, score_scope
from consent.record import Choice, Surface
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
            bring_in(house, creator)


def bring_in(house: House, creator: DemoCreator) -> UUID:
    """Let one of them join and bring their archives."""
    subject_id = join_and_confirm(house, creator.email, creator.language)
    for platform, archive in creator.archives:
        agree(house, subject_id, score_scope(platform), creator.language)
        upload = open_upload(house, subject_id, platform)
        upload.writer.write(archive())
        enqueue_upload(house, subject_id, upload)
        finish_jobs(house)
    return subject_id


def join_and_confirm(house: House, address: str, language: str) -> UUID:
    """Open an account and follow the link in the mail."""
    mailer = _KeepingMailer()
    join(house, address, PASSWORD, language, AgeBand.ADULT)
    finish_jobs(house, mailer)
    confirm(house, re.findall(r"token=([\w-]+)", mailer.last[2])[-1])
    subject_id = house.keystore.find_subject(address)
    if subject_id is None:
        raise RuntimeError("An account that was just made is not there.")
    return subject_id


def agree(house: House, subject_id: UUID, scope: Scope, language: str) -> None:
    """Say yes to the words for one scope."""
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


def finish_jobs(house: House, mailer: Mailer | None = None) -> None:
    """Do whatever waits in the queue."""
    worker = Worker(house, mailer or _KeepingMailer())
    while worker.run_once():
        pass


def tidy(house: House) -> None:
    """What the worker does once a minute."""
    Worker(house, _KeepingMailer()).tidy_if_due()


def _creators(house: House) -> tuple[DemoCreator, ...]:
    return demo_creators(house.clock().date())
