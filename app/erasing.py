"""Erasing an account: carries the steps of rights/erasure_saga.py, and finishes what a crash left undone.

    traces remembered -> begun -> mail with the certificate's address -> ledger (fsync) -> uploads -> rows
      -> keys -> id forgotten -> remnants, checkpoint -> search -> certificate

The address is read for one last mail before its key goes. Nothing waits for that mail: where it cannot be
sent the certificate is on the page all the same, and under its link for whoever kept that.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import structlog
from sqlalchemy import delete, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from app.exports import drop_file, end_copies
from app.jobs import Job
from app.mail import Mailer, choose_mailer, compose
from app.sessions import WebSession
from app.tables import DATA, KEYS
from app.transaction import Actor, House
from audit.checkpoint import NoteVerifier, open_checkpoint
from audit.entry import Action
from audit.log import append
from audit.merkle import inclusion_proof
from audit.stored import HeldEntry, StoredLog, find_held
from consent.access import note_read
from consent.gate import require_permit
from consent.purpose import ACCOUNT
from perks.ending import follow_consents
from rights.erasure import LoggedAt, certificate
from rights.erasure_ledger import ErasureLedgerRefused, oldest_day
from rights.erasure_saga import (
    ErasureState,
    begin,
    close_uncertified,
    erase_rows,
    find_certificate,
    find_underway,
    finish,
    follow_to,
    followed,
    forget_id,
    report_of,
    underway,
)
from rights.erasure_scan import Scan, Traces, files_left, rows_left
from rights.notice import NoticeKind, notify_recipients
from vault.desk import Vault
from vault.destruction import order_destruction
from vault.errors import EnvelopeInvalid, KeyDestroyed, SubjectUnknown
from vault.holdings import delete_rows
from vault.spool import remove_upload
from vault.subject import Subject, lock_subject, read_account, require_subject

LEFT_ALONE = timedelta(minutes=2)  # an erasure this young is still in its person's own request
_log = structlog.get_logger("klarwert.erasing")


@dataclass(frozen=True)
class Erased:
    """What the person gets: the certificate, and the token of the link it stays under for 30 days."""

    certificate: str
    token: str


def erase_account(house: House, subject_id: UUID, mailer: Mailer | None = None) -> Erased:
    """Erase everything about a person.

    Raises:
        SubjectUnknown: erased before.
        ErasureLedgerRefused: nothing was begun; the ledger must be there first.
    """
    house.erasures.mark(subject_id)
    traces = _remember(house, subject_id)
    wanted = uuid4()
    with house.open_vault("subject") as vault:
        erasure_id = begin(vault, subject_id, wanted, _hashed(_token(house, wanted)))
        follow_consents(vault, subject_id)  # what no shipper has yet is not sent any more
        copies = end_copies(vault, subject_id)
        vault.session.execute(delete(WebSession).where(WebSession.subject_id == subject_id))
    for file_id in copies:  # sealed; what a crash leaves of them is swept
        drop_file(house, file_id)
    return _carry_out(house, erasure_id, "subject", traces, mailer or choose_mailer(house.config))


def finish_erasures(
    house: House, *, older_than: timedelta = timedelta(), mailer: Mailer | None = None
) -> int:
    """Finish what a crash left undone; returns how many. Also run before anything is served."""
    with house.open_reading_vault("system") as vault:
        left = [one for one in underway(vault) if one.begun_at <= vault.now() - older_than]
    for one in left:
        traces = Traces(one.subject_id) if one.subject_id is not None else None
        try:
            _carry_out(house, one.id, "system", traces, mailer or choose_mailer(house.config))
        except (SubjectUnknown, KeyDestroyed):  # of a backup made while it ran: the ledger finishes it
            with house.open_vault("system") as vault:
                close_uncertified(vault, one.id)
    return len(left)


def replay_ledger(house: House) -> int:
    """Erase again whoever is in the ledger and still, or again, in a database; returns how many.

    Raises:
        ErasureLedgerRefused: the ledger is older than the database, or not there.
    """
    lines = house.erasures.lines()
    number = lines[-1].number if lines else 0
    with house.open_reading_vault("system") as vault:
        reached = followed(vault)
        if reached > number:
            raise ErasureLedgerRefused("the database has followed it further than it goes")
        present = set(vault.session.scalars(select(Subject.id))) if lines else set()
        running = {one.subject_id for one in underway(vault)}  # their own erasure finishes them
    marks = {line.mark for line in lines} - {None}
    present |= house.keystore.subjects() if marks else set()
    back = [one for one in present - running if house.erasures.mark(one) in marks]
    if back or reached < number:
        with house.open_vault("system") as vault:
            rows = sum(_erase_again(vault, subject_id) for subject_id in back)
            follow_to(vault, number)
            if back:
                append(vault, Action.ERASURES_REPLAYED, basis="gdpr-17-1", counts={"rows": rows})
                vault.checkpoint_wanted = True
    return len(back)


def is_ledger_followed(house: House) -> bool:
    """Whether this database knows every erasure there was; one restored from a backup does not.

    Erasures under way are in the ledger before their rows are gone, and do not count against it.
    """
    lines = house.erasures.lines()
    with house.open_reading_vault("system") as vault:
        reached, running = followed(vault), underway(vault)
    if reached > (lines[-1].number if lines else 0):
        return False
    ahead = {line.mark for line in lines if line.number > reached} - {None}
    return not ahead - {house.erasures.mark(one.subject_id) for one in running if one.subject_id}


def adopt_ledger(house: House) -> None:
    """Go on with a ledger that lost lines: an operator vouches that no backup is put back before they end."""
    with house.open_reading_vault("system") as vault:
        house.erasures.skip_to(followed(vault), house.clock().date())


def trim_ledger(house: House) -> int:
    """Take out of the ledger whom no backup can hold any more; returns how many."""
    return house.erasures.drop_before(oldest_day(house.clock().date(), house.config.backup_days))


def certificate_of(house: House, token: str) -> str | None:
    """The certificate under a secret link."""
    with house.open_reading_vault("system") as vault:
        return find_certificate(vault, _hashed(token))


def _carry_out(house: House, erasure_id: UUID, actor: Actor, traces: Traces | None, mailer: Mailer) -> Erased:
    with house.open_reading_vault("system") as vault:
        known = find_underway(vault, erasure_id)
    token = _token(house, erasure_id)
    index = None
    if known.state is ErasureState.BEGUN and known.subject_id is not None:
        _send_farewell(house, known.subject_id, actor, token, mailer)
        number = house.erasures.add(known.subject_id, house.clock().date())
        _remove_uploads(house, known.subject_id)
        with house.open_vault(actor) as vault:
            entry = erase_rows(vault, erasure_id, number)
        index = vault.entry_indices.get(entry) if entry is not None else None
    house.destroy_ordered_keys()
    with house.open_vault(actor) as vault:
        forget_id(vault, erasure_id)
    house.leave_no_remnants()
    scan = _search(house, traces)
    if scan.files:
        house.rewrite_files()
        scan = _search(house, traces)
    if not scan.is_clean():  # others may have held it up; tidying truncates again each minute
        _log.warning("erasure_remnants", rows=scan.rows, files=scan.files)
    return Erased(_certify(house, erasure_id, scan, index), token)


def _certify(house: House, erasure_id: UUID, scan: Scan, index: int | None) -> str:
    checkpoint = house.sign_checkpoint()
    with house.open_reading_vault("system") as vault:
        until = house.clock().date() + timedelta(days=house.config.backup_days)
        report = report_of(vault, erasure_id, scan, until)
    with Session(house.data) as session:
        held = find_held(session, report.entry) if index is None else None
        log = StoredLog(session, house.log_number) if held is None else held.log
        index = held.index if held is not None else index or 0
        note, key = HeldEntry(log, index, report.entry).under(checkpoint, house.log_key)
        size = open_checkpoint(str(note), [NoteVerifier.from_vkey(key)]).size
        proof = inclusion_proof(log.source(), index, size)
    made = certificate(report, LoggedAt(index, proof, str(note)), house.receipts, key)
    with house.open_vault("system") as vault:
        return finish(vault, erasure_id, made)


def _remember(house: House, subject_id: UUID) -> Traces:
    """What to look for afterwards; in memory only, read before the keys go."""
    with house.open_reading_vault() as vault:
        permit = require_permit(vault, subject_id, ACCOUNT)
        account = read_account(vault, permit, require_subject(vault, subject_id))
    address = account.address.encode()
    return Traces(subject_id, (address, *house.keystore.traces(subject_id)))


def _search(house: House, traces: Traces | None) -> Scan:
    if traces is None:
        return Scan(rows=0, files=0, files_searched=None)
    rows = 0
    for engine, tables in ((house.data, DATA), (house.keystore.engine, KEYS)):
        with engine.connect() as connection:
            rows += rows_left(connection, tables, traces.subject_id)
    found, searched = files_left(_places(house), traces.needles())
    return Scan(rows, found, searched)


def _places(house: House) -> list[Path]:
    """Every directory the service writes to: its home, and what was put elsewhere."""
    config = house.config
    urls = [make_url(url) for url in (config.data_url, config.keys_url)]
    databases = [
        Path(url.database).parent for url in urls if url.drivername.startswith("sqlite") and url.database
    ]
    return [config.home, config.spool, config.high_water.parent, config.erasures, *databases]


def _send_farewell(house: House, subject_id: UUID, actor: Actor, token: str, mailer: Mailer) -> None:
    """The last mail, while there is an address; without one, or without a mail server, nothing stops."""
    try:
        with house.open_vault(actor) as vault:
            subject = require_subject(vault, subject_id)
            permit = require_permit(vault, subject_id, ACCOUNT)
            account = read_account(vault, permit, subject)
            is_confirmed = subject.confirmed_at is not None
            note_read(vault, permit, "subject.account")
        if is_confirmed:
            link = f"{house.config.public_url}/erased/{token}"
            mailer.send(account.address, *compose("mail-erased", account.language, link=link))
    except OSError as error:
        _log.warning("farewell_not_sent", error=type(error).__name__)


def _remove_uploads(house: House, subject_id: UUID) -> None:
    with house.open_reading_vault("system") as vault:
        uploads = vault.session.scalars(select(Job.id).where(Job.subject_id == subject_id)).all()
    for upload_id in uploads:
        remove_upload(house.config.spool, upload_id)


def _erase_again(vault: Vault, subject_id: UUID) -> int:
    """Whom a backup brought back: recipients are told once more, since their notices came back unsent too."""
    rows = 0
    if vault.session.get(Subject, subject_id) is not None:
        lock_subject(vault, subject_id)
        with suppress(KeyDestroyed, EnvelopeInvalid):
            notify_recipients(vault, subject_id, NoticeKind.ERASURE)
        rows = sum(delete_rows(vault, subject_id).values())
    order_destruction(vault, subject_id, None)
    return rows


def _token(house: House, erasure_id: UUID) -> str:
    """Derived, so that whoever finishes an erasure after a crash knows the link too, and no table does."""
    label = b"klarwert/erasure-link/v1" + erasure_id.bytes
    return urlsafe_b64encode(hmac.digest(house.keys.web, label, "sha256")).rstrip(b"=").decode()


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
