"""A person's copy on its way: asked for, made by the worker, fetched once, gone.

    asked (password)  ->  request and job committed  ->  worker writes, sealed  ->  named in its row
    fetched: row deleted, request fulfilled, log entry, committed  ->  file unlinked  ->  bytes leave

The link holds in the session that asked, once, for a quarter of an hour; anything else is answered as if
there were nothing. The request stays open until the copy was fetched: a failed job, or a copy nobody came
for, closes nothing (GDPR Art. 12(3)). A crash before a commit leaves a sealed file that no row names; the
sweep deletes it. A transfer that breaks off is not resumed: one asks again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.jobs import Job, JobKind, JobState, enqueue, find_unfinished
from app.language import WORDS
from app.requests import take_in
from app.sessions import SignedIn
from app.transaction import House
from audit.checkpoint import sign_text
from audit.entry import Action
from audit.log import Row, append
from consent.access import note_read
from consent.gate import permits_for_rights
from consent.purpose import RIGHTS
from rights.access import Wanted, write_copy
from rights.clock import resume
from rights.package.copying import Service
from rights.request import (
    ARTICLE,
    Channel,
    RequestState,
    Right,
    RightsRequest,
    lines_of,
    move,
    requests_of,
)
from vault.base import Base
from vault.desk import Vault
from vault.errors import DomainError
from vault.holding import Fate, Holding, Term
from vault.spool import SpoolReader, SpoolWriter, remove_upload, upload_path
from vault.subject import Subject, lock_subject

MADE_WITHIN = timedelta(days=1)
FETCHED_WITHIN = timedelta(minutes=15)
ABANDONED_AFTER = timedelta(hours=1)
ANSWERED_BY_COPY = (Right.ACCESS, Right.PORTABILITY)


class ExportUnknown(DomainError):
    """No such copy: never made, fetched before, too late, or not asked for in this session."""

    slug = "export-unknown"
    title = "No such copy"

    def __init__(self) -> None:
        super().__init__("There is no copy to fetch here. Each can be fetched once, where it was asked for.")


class ExportRunning(DomainError):
    """A copy is being made for another session of the person."""

    slug = "export-running"
    title = "A copy is already being made"

    def __init__(self) -> None:
        super().__init__("A copy is being made for another sign-in of yours; ask again when it has ended.")


class ExportCopy(Base):
    """One copy: asked for, and once it is made, where it lies. The row's id is its job's."""

    __tablename__ = "export_copy"
    __holding__ = Holding(
        what="Copies of your data until you fetch them: when asked for and made; each is sealed",
        purpose="rights",
        basis="gdpr-6-1-c",
        retained="until fetched, at most 15 minutes after it was made; a day where it could not be made",
        ends=(Term("expires_at"),),
        source="the service",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={
            "session_id": "the sign-in it can be fetched in",
            "request_id": "the request it answers",
            "file_id": "the random name of its file",
            "bytes": "how large it is",
            "asked_at": "when it was asked for",
            "made_at": "when it was made",
            "expires_at": "until when it can be fetched",
        },
        copied_to="data/copies.jsonl",
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), index=True)
    session_id: Mapped[UUID]
    request_id: Mapped[UUID] = mapped_column(ForeignKey(RightsRequest.id))
    file_id: Mapped[UUID | None]
    bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    asked_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]


@dataclass(frozen=True)
class ExportView:
    """How far a copy is, for the session that asked."""

    id: UUID
    state: JobState
    problem: str | None
    reference: str
    bytes: int
    asked_at: datetime
    made_at: datetime | None
    expires_at: datetime


@dataclass(frozen=True)
class Fetched:
    """A copy that may leave now, once; its file has no name any more."""

    reader: SpoolReader
    name: str

    @property
    def bytes(self) -> int:
        """How many bytes will leave."""
        return self.reader.plain_bytes


def ask_for_copy(house: House, session: SignedIn, right: Right, channel: Channel) -> UUID:
    """Take in a demand for a copy and queue it; asked again while it is made, it is the same one.

    Raises:
        ExportRunning: one is being made for another session.

    Source: GDPR Art. 15(3), 20(1).
    """
    with house.open_vault("subject") as vault:
        lock_subject(vault, session.subject_id)
        earlier = _copies(vault, session.subject_id)
        if find_unfinished(vault, session.subject_id, JobKind.EXPORT):
            waiting = [copy for copy in earlier if copy.file_id is None]
            if not waiting or waiting[-1].session_id != session.session_id:
                raise ExportRunning
            return waiting[-1].id
        for copy in earlier:
            vault.session.delete(copy)
        request = _request(vault, session.subject_id, right, channel)
        job_id = enqueue(vault, session.subject_id, JobKind.EXPORT)
        vault.flush()  # what the row points at comes first
        vault.session.add(
            ExportCopy(
                id=job_id,
                subject_id=session.subject_id,
                session_id=session.session_id,
                request_id=request.id,
                bytes=0,
                asked_at=vault.now(),
                expires_at=vault.now() + MADE_WITHIN,
            )
        )
    _remove(house, earlier)
    return job_id


def find_export(house: House, session: SignedIn, copy_id: UUID) -> ExportView:
    """How far a copy is.

    Raises:
        ExportUnknown: see its words.
    """
    found = {copy.id: copy for copy in exports(house, session)}
    if copy_id not in found:
        raise ExportUnknown
    return found[copy_id]


def exports(house: House, session: SignedIn) -> tuple[ExportView, ...]:
    """The copies asked for in this session that are not fetched and not over, newest first."""
    statement = (
        select(ExportCopy, Job, RightsRequest.reference)
        .join(Job, Job.id == ExportCopy.id)
        .join(RightsRequest, RightsRequest.id == ExportCopy.request_id)
        .where(ExportCopy.subject_id == session.subject_id, ExportCopy.session_id == session.session_id)
        .order_by(ExportCopy.asked_at.desc())
    )
    with house.open_reading_vault() as vault:
        return tuple(
            ExportView(
                copy.id,
                job.state,
                job.problem,
                reference,
                copy.bytes,
                copy.asked_at,
                copy.made_at,
                copy.expires_at,
            )
            for copy, job, reference in vault.session.execute(statement)
            if vault.now() < copy.expires_at
        )


def write_file(house: House, job: Job, progress: Callable[[], None]) -> UUID:
    """Write the copy of a job's person into a sealed file under a new name; returns the name.

    Every attempt has a name of its own, so that a worker that lost its job cannot end another's file.

    Args:
        progress: called now and then; may raise to give up, and then nothing is left.
    """
    file_id = uuid4()
    with house.open_reading_vault("worker") as vault:
        copy = vault.session.get(ExportCopy, job.id)
        request = vault.session.get(RightsRequest, copy.request_id) if copy is not None else None
        if request is None:
            raise ExportUnknown
        key = vault.upload_key(permits_for_rights(vault, job.subject_id)[RIGHTS])
        wanted = Wanted(job.subject_id, request.reference, _service(house), WORDS)
        with SpoolWriter(_folder(house), file_id, key) as out:
            write_copy(vault, out, wanted, progress)
            out.finish()
    return file_id


def keep_file(vault: Vault, job: Job, file_id: UUID, size: int) -> bool:
    """Let a written copy be fetched from this commit on; False if nobody waits for it any more."""
    copy = vault.session.get(ExportCopy, job.id)
    request = vault.session.get(RightsRequest, copy.request_id) if copy is not None else None
    if copy is None or request is None:
        return False
    copy.file_id, copy.bytes, copy.made_at = file_id, size, vault.now()
    copy.expires_at = vault.now() + FETCHED_WITHIN
    note_read(vault, permits_for_rights(vault, job.subject_id)[RIGHTS], "export_copy")
    _log(vault, Action.EXPORT_MADE, copy, request)
    return True


def file_bytes(house: House, file_id: UUID) -> int:
    """How large a written copy is on disk."""
    return upload_path(_folder(house), file_id).stat().st_size


def drop_file(house: House, file_id: UUID) -> None:
    """Delete a written copy; idempotent."""
    remove_upload(_folder(house), file_id)


def fetch_copy(house: House, session: SignedIn, copy_id: UUID) -> Fetched:
    """Hand a copy out, once: it is gone from here and its request fulfilled before a byte leaves.

    Raises:
        ExportUnknown: see its words.
    """
    with house.open_vault("subject") as vault:
        lock_subject(vault, session.subject_id)
        copy = vault.session.get(ExportCopy, copy_id)
        if copy is None or copy.file_id is None or not _is_theirs(vault, copy, session):
            raise ExportUnknown
        request = vault.session.get_one(RightsRequest, copy.request_id)
        key = vault.upload_key(permits_for_rights(vault, session.subject_id)[RIGHTS])
        try:
            reader = SpoolReader(_folder(house), copy.file_id, key)
        except FileNotFoundError:
            raise ExportUnknown from None
        _log(vault, Action.EXPORT_FETCHED, copy, request)
        _fulfil(vault, request)
        vault.session.delete(copy)
    drop_file(house, copy.file_id)  # the reader holds it open
    return Fetched(reader, f"klarwert-{house.clock():%Y-%m-%d}.zip")


def sweep_copies(house: House) -> int:
    """Delete the files of copies that are over, and what a crash left; returns how many."""
    with house.open_reading_vault("system") as vault:
        now = vault.now()
        rows = vault.session.execute(select(ExportCopy.file_id, ExportCopy.expires_at)).all()
    alive = {file_id for file_id, expires_at in rows if now < expires_at}
    over = {file_id for file_id, _ in rows} - alive
    removed = 0
    for path in _folder(house).glob("*.*"):
        # One that no row names (yet) may be on its way: its worker has until then to commit.
        age = now - datetime.fromtimestamp(path.stat().st_mtime, UTC)
        file_id = UUID(path.stem)
        if file_id in over or (file_id not in alive and age > ABANDONED_AFTER):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def end_copies(vault: Vault, subject_id: UUID) -> list[UUID]:
    """Let nobody fetch a person's copies any more; returns the files to delete after the commit."""
    files = [copy.file_id for copy in _copies(vault, subject_id) if copy.file_id is not None]
    vault.session.execute(delete(ExportCopy).where(ExportCopy.subject_id == subject_id))
    return files


def _request(vault: Vault, subject_id: UUID, right: Right, channel: Channel) -> RightsRequest:
    """The open request a copy answers: one that was asked for without further words, or a new one."""
    for known in requests_of(vault, subject_id):
        if known.is_open and known.right is right and not lines_of(vault, known):
            return known
    return take_in(vault, subject_id, right, channel)


def _fulfil(vault: Vault, request: RightsRequest) -> None:
    if not request.is_open:
        return
    if request.state is RequestState.WAITING:
        resume(vault, request)
    elif request.state is RequestState.REFUSAL_PROPOSED:
        move(vault, request, RequestState.IN_PROGRESS)
    move(vault, request, RequestState.FULFILLED)


def _is_theirs(vault: Vault, copy: ExportCopy, session: SignedIn) -> bool:
    is_same = (copy.subject_id, copy.session_id) == (session.subject_id, session.session_id)
    return is_same and vault.now() < copy.expires_at


def _copies(vault: Vault, subject_id: UUID) -> list[ExportCopy]:
    statement = select(ExportCopy).where(ExportCopy.subject_id == subject_id).order_by(ExportCopy.asked_at)
    return list(vault.session.scalars(statement))


def _remove(house: House, copies: list[ExportCopy]) -> None:
    for copy in copies:
        if copy.file_id is not None:
            drop_file(house, copy.file_id)


def _log(vault: Vault, action: Action, copy: ExportCopy, request: RightsRequest) -> None:
    append(
        vault,
        action,
        subject_id=copy.subject_id,
        scope=f"{RIGHTS}/{request.right.value}",
        basis=ARTICLE[request.right],
        row=Row(ExportCopy.__tablename__, copy.id),
    )
    vault.checkpoint_wanted = True


def _service(house: House) -> Service:
    return Service(
        name=house.log_origin,
        url=house.config.public_url,
        controller=house.config.controller,
        key=house.receipts.verifier_key(),
        sign=lambda text: sign_text(text, house.receipts),
        issuer=house.issuer(),
    )


def _folder(house: House) -> Path:
    return house.config.spool / "copies"
