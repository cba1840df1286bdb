"""`serve --demo`: invented creators, brought in through the same doors as anybody.

They live in an installation of their own, so a demo never touches real people's data. The months before
today: demo_months.py.
"""

from uuid import UUID

from app.consents import decide
from app.demo_archives import DemoCreator, demo_creators
from app.demo_life import PASSWORD, finish_jobs, join
from app.imports import enqueue_upload, open_upload
from app.transaction import House
from consent.notice import notice
from consent.purpose import Scope, score_scope
from consent.record import Choice, Surface


def demo_people(house: House) -> tuple[tuple[str, str], ...]:
    """Address and password of each invented creator."""
    return tuple((creator.email, PASSWORD) for creator in demo_creators(house.clock().date()))


def fill(house: House) -> None:
    """Bring in the invented creators that are not there yet."""
    for creator in demo_creators(house.clock().date()):
        if house.keystore.find_subject(creator.email) is None:
            bring_in(house, creator)


def bring_in(house: House, creator: DemoCreator) -> UUID:
    """Let one of them join and bring their archives."""
    (subject_id,) = join(house, [creator.email], creator.language)
    for platform, _ in creator.archives:
        agree(house, subject_id, score_scope(platform), creator.language)
    bring(house, subject_id, creator)
    return subject_id


def bring(house: House, subject_id: UUID, creator: DemoCreator) -> None:
    """Let somebody who is there bring their archives, for the first time or again."""
    for platform, archive in creator.archives:
        upload = open_upload(house, subject_id, platform)
        upload.writer.write(archive())
        enqueue_upload(house, subject_id, upload)
    finish_jobs(house)  # all of them before the score, which is computed once


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
