"""The worker: takes jobs from the queue, one at a time, and tidies up between them.

Reading an archive happens outside any transaction; what comes out is stored in one, together with the
end of the job. So a worker killed at any point leaves either no import or a whole one.
"""

import io
import time
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from app.accounts import begin_confirmation, purge_unconfirmed
from app.brands import contact_facts, contact_of
from app.digests import tell_of_new_offers
from app.erasing import LEFT_ALONE, finish_erasures, trim_ledger
from app.exports import drop_file, file_bytes, keep_file, sweep_copies, write_file
from app.imports import sweep_spool
from app.jobs import (
    ABOUT_REQUESTS,
    MAILS,
    MOST_ATTEMPTS,
    MOST_MAIL_ATTEMPTS,
    Job,
    JobAbandoned,
    JobKind,
    enqueue,
    finish,
    is_any_free,
    lease,
    postpone,
    put_back,
    renew,
)
from app.letters import permit_for, write_letter
from app.mail import Mail, Mailer, compose
from app.noticing import send_due_notices
from app.outside import carry_outside
from app.pruning import prune_log
from app.reaching import count_people
from app.releasing import finish_releases
from app.reminding import find_ending, find_unconfirmed, remind_of_ends
from app.restoring import read_copy, take_over
from app.rights_code import begin_code
from app.transaction import House
from app.verifying import verify_if_due
from app.webhooks import send_due_messages
from audit.entry import Action, Outcome
from audit.log import append
from consent.access import note_read
from consent.confirmation import begin_confirmation as begin_consent_confirmation
from consent.decision import expire
from consent.errors import ProcessingLimited
from consent.gate import permits_in_force, require_permit
from consent.notice import notice
from consent.purpose import ACCOUNT, Purpose, score_scope
from model.release import releases
from model.research import note_departures
from model.score import compute
from perks.deadlines import lapse_over, miss_due, remind_due
from perks.offer import close_over
from rights.clock import escalate, escalate_due
from rights.notice_outbox import escalate as escalate_notices
from rights.request import Escalation, find_by_reference, find_request, require_request
from rights.restriction import note_told
from rights.retention import PROOF_EVERY, purge
from sources.activity import ActivityRecord, Platform
from sources.readers import read_archive
from sources.store import replace_record
from vault.desk import Vault
from vault.destruction import sweep_unused_keys
from vault.epoch import is_overdue
from vault.errors import DomainError
from vault.spool import SpoolReader, remove_upload
from vault.subject import lock_subject, read_account, require_subject

WITH_PROOF = frozenset(  # the mails whose link or code shows that somebody reads the mailbox
    (
        JobKind.MAIL_BRAND_CONTACT,
        JobKind.MAIL_CODE,
        JobKind.MAIL_CONFIRM,
        JobKind.MAIL_CONSENT_CONFIRM,
    )
)
TIDY_EVERY = timedelta(minutes=1)
POLL_SECONDS = 0.5
BUFFER_BYTES = 1 << 18
_log = structlog.get_logger("klarwert.worker")


class JobLost(Exception):
    """The job was erased, stopped or taken by another worker; nothing of it may be stored."""


class Worker:
    """Does one job after another."""

    def __init__(self, house: House, mailer: Mailer) -> None:
        self._house = house
        self._mailer = mailer
        self._lease = timedelta(seconds=house.config.lease_seconds)
        self._tidied_at: datetime | None = None
        self._proved_at: datetime | None = None  # when the log last said that retention ran
        self._kek_overdue_told_at: datetime | None = None

    def run_until(self, stop: Callable[[], bool]) -> None:
        """Work until told to stop; an idle worker looks twice a second."""
        while not stop():
            try:
                self.tidy_if_due()
                is_idle = not self.run_once()
            except Exception as error:  # a database that is away, say: wait for it
                _log_unexpected("worker_disturbed", error)
                is_idle = True
            if is_idle:
                time.sleep(POLL_SECONDS)

    def run_once(self) -> bool:
        """Do one job, if there is one."""
        job = self._lease_one()
        if job is None:
            return False
        self.carry_through(job)
        return True

    def carry_through(self, job: Job) -> None:
        """Do a leased job to its end: done, failed, postponed, or given up because it is another's."""
        try:
            self._do(job)
        except JobLost:
            _log.info("job_lost", kind=job.kind)
        except ProcessingLimited:  # since it was taken up; it waits until that has ended
            with self._house.open_vault("worker") as vault:
                put_back(vault, job)
        except DomainError as error:
            self._fail(job, error)
        except OSError as error:  # the mail server or the disk: tried again after a rest
            _log.warning("job_postponed", kind=job.kind, error=type(error).__name__)
            with self._house.open_vault("worker") as vault:
                postpone(vault, job)
        except Exception as error:  # nothing was stored; the lease runs out, it is tried again, thrice
            _log_unexpected("job_broken", error)

    def tidy_if_due(self) -> None:
        """Once a minute: what ended or was never used goes, releases go on, notices go out, a checkpoint."""
        now = self._house.clock()
        if self._tidied_at is not None and now < self._tidied_at + TIDY_EVERY:
            return
        self._tidied_at = now
        purge_unconfirmed(self._house)
        sweep_copies(self._house)  # while the rows that name them are there
        with self._house.open_vault("system") as vault:
            for subject_id in expire(vault):
                enqueue(vault, subject_id, JobKind.SCORE)  # again, from what remains
            remind_of_ends(vault)
            note_departures(vault)
            is_proof_due = self._proved_at is None or now >= self._proved_at + PROOF_EVERY
            is_proved = bool(purge(vault, is_proof_due=is_proof_due)) or is_proof_due
            close_over(vault)
            urgent = escalate_due(vault)
            late = escalate_notices(vault, timedelta(days=self._house.config.notice_days))
            sweep_unused_keys(vault)
        self._proved_at = now if is_proved else self._proved_at
        self._keep_deadlines()
        count_people(self._house)
        for why in urgent:
            _log.warning(f"request_{why.replace('-', '_')}")
        if late:
            _log.warning("notices_unacknowledged")
        finish_releases(self._house)
        finish_erasures(self._house, older_than=LEFT_ALONE, mailer=self._mailer)
        trim_ledger(self._house)
        sweep_spool(self._house)
        prune_log(self._house)
        self._warn_of_old_kek(now)
        self._house.leave_no_remnants()  # what a reader held up after a deletion is done now
        self._house.sign_checkpoint()
        carry_outside(self._house, self._mailer)
        send_due_notices(self._house)  # last, as it waits for others
        send_due_messages(self._house)
        verify_if_due(self._house)  # after all that somebody waits for

    def _keep_deadlines(self) -> None:
        """What is over or due in offers, in a transaction of its own: it waits for those who act now."""
        with self._house.open_vault("worker") as vault:
            lapse_over(vault)
            miss_due(vault)
            for subject_id in remind_due(vault):
                enqueue(vault, subject_id, JobKind.MAIL_POST_DUE)
        with self._house.open_vault("worker") as vault:
            tell_of_new_offers(self._house, vault)

    def _warn_of_old_kek(self, now: datetime) -> None:
        """Tell the operator, once a day, that erasures reach old copies later than the privacy page says."""
        self._house.keystore.keks.reload()  # an idle process, too, forgets a KEK that was destroyed
        (in_force,) = (epoch for epoch in self._house.keystore.epochs() if epoch.is_in_force)
        told_at = self._kek_overdue_told_at
        if is_overdue(in_force, now, self._house.config.kek_days) and (
            told_at is None or now >= told_at + timedelta(days=1)
        ):
            self._kek_overdue_told_at = now
            _log.warning("kek_overdue")

    def _lease_one(self) -> Job | None:
        with self._house.open_reading_vault("worker") as vault:
            if not is_any_free(vault):
                return None
        with self._house.open_vault("worker") as vault:
            return lease(vault, self._lease)

    def _do(self, job: Job) -> None:
        if job.attempts > (MOST_MAIL_ATTEMPTS if job.kind in MAILS else MOST_ATTEMPTS):
            raise JobAbandoned
        if job.kind is JobKind.IMPORT:
            self._import(job)
        elif job.kind is JobKind.SCORE:
            self._score(job)
        elif job.kind is JobKind.EXPORT:
            self._export(job)
        elif job.kind is JobKind.RESTORE:
            self._restore(job)
        else:
            self._mail(job)

    def _import(self, job: Job) -> None:
        platform = Platform(job.platform or "")
        record = self._read(job, platform)
        with self._house.open_vault("worker") as vault:
            # Asked again: consent may have been withdrawn while the archive was read.
            lock_subject(vault, job.subject_id)
            permit = require_permit(vault, job.subject_id, score_scope(platform))
            if not finish(vault, job):
                raise JobLost
            replace_record(vault, permit, record)
            enqueue(vault, job.subject_id, JobKind.SCORE)
        remove_upload(self._house.config.spool, job.id)
        _log.info("import_stored", platform=platform, weeks=len(record.weeks))

    def _read(self, job: Job, platform: Platform) -> ActivityRecord:
        with self._house.open_vault("worker") as vault:
            key = vault.upload_key(require_permit(vault, job.subject_id, score_scope(platform)))
        try:
            reader = SpoolReader(self._house.config.spool, job.id, key)
        except FileNotFoundError:
            raise JobAbandoned from None
        with io.BufferedReader(reader, BUFFER_BYTES) as file:
            return read_archive(file, expected=platform, progress=self._progress(job))

    def _progress(self, job: Job) -> Callable[[int, int], None]:
        """What a long job calls: renews its lease now and then, and ends it where it is another's by now."""
        renewed_at = self._house.clock()

        def progress(done: int, total: int) -> None:
            nonlocal renewed_at
            if self._house.clock() < renewed_at + min(self._lease / 4, timedelta(seconds=1)):
                return
            renewed_at = self._house.clock()
            with self._house.open_vault("worker") as vault:
                if not renew(vault, job, self._lease, done, total):
                    raise JobLost

        return progress

    def _export(self, job: Job) -> None:
        """Write a person's copy; it can be fetched from the commit that also ends the job."""
        progress = self._progress(job)
        file_id = write_file(self._house, job, lambda: progress(0, 0))
        is_kept = False
        try:
            with self._house.open_vault("worker") as vault:
                lock_subject(vault, job.subject_id)
                size = file_bytes(self._house, file_id)
                is_kept = finish(vault, job) and keep_file(vault, job, file_id, size)
                if not is_kept:
                    raise JobLost
        finally:
            if not is_kept:
                drop_file(self._house, file_id)
        _log.info("export_made", bytes=size)

    def _restore(self, job: Job) -> None:
        """Take an account over from a copy: all of it with the end of the job, or nothing."""
        brought = read_copy(self._house, job, self._progress(job))
        with self._house.open_vault("worker") as vault:
            lock_subject(vault, job.subject_id)
            if not finish(vault, job):
                raise JobLost
            take_over(self._house, vault, job, brought)
        remove_upload(self._house.config.spool, job.id)
        _log.info("account_restored", decisions=len(brought.decisions))

    def _score(self, job: Job) -> None:
        with self._house.open_vault("worker") as vault:
            if not finish(vault, job):
                raise JobLost
            compute(vault, job.subject_id)

    def _mail(self, job: Job) -> None:
        with self._house.open_vault("worker") as vault:
            subject = require_subject(vault, job.subject_id)
            if self._is_moot(vault, job):
                finish(vault, job)
                return
            permit = require_permit(vault, job.subject_id, ACCOUNT)
            account = read_account(vault, permit, subject)
            if job.kind is JobKind.MAIL_LETTER:  # read for what they asked for, and not to run the account
                permit = permit_for(vault, job) or permit
            note_read(vault, permit, "subject.account")
            mail = self._write(vault, job, account.language)
            address = contact_of(vault, job) or account.address
        # Sent between two transactions: a crash here sends it again, which does no harm.
        self._mailer.send(address, mail.subject, mail.text, mail.headers)
        with self._house.open_vault("worker") as vault:
            finish(vault, job)
            if job.kind is JobKind.MAIL_RESTRICTION_ENDS:
                note_told(vault, job.subject_id)

    def _write(self, vault: Vault, job: Job, language: str) -> Mail:
        if job.kind is JobKind.MAIL_LETTER and (letter := write_letter(self._house, vault, job, language)):
            return letter
        return Mail(*compose(job.kind, language, **self._facts(vault, job)))

    def _is_moot(self, vault: Vault, job: Job) -> bool:
        """Whether what a mail is about is gone: a consent that ended or was renewed, or a request."""
        if job.kind in ABOUT_REQUESTS:
            return find_request(vault, job.subject_id, job.facts["reference"]) is None
        if job.kind is JobKind.MAIL_CONSENT_ENDS:
            return find_ending(vault, job) is None
        if job.kind is JobKind.MAIL_CONSENT_CONFIRM:
            return find_unconfirmed(vault, job) is None
        if job.kind is JobKind.MAIL_LETTER:  # asked again: they may have said no since it was queued
            return permit_for(vault, job) is None
        if job.kind is JobKind.MAIL_BRAND_CONTACT:
            return contact_of(vault, job) is None
        permits = permits_in_force(vault, job.subject_id, Purpose.SCORE_COMPUTE)
        return job.kind is JobKind.MAIL_NEW_CARD and not permits

    def _facts(self, vault: Vault, job: Job) -> dict[str, object]:
        """What a mail says beside its words: a link, a day, a reference. Never a score."""
        url = self._house.config.public_url
        if job.kind in WITH_PROOF:
            return self._proofs(vault, job)
        if job.kind is JobKind.MAIL_NEW_CARD:
            return {"link": f"{url}/score", "day": releases(vault)[0].effective_at.date()}
        if job.kind is JobKind.MAIL_CONSENT_ENDS and (given := find_ending(vault, job)) is not None:
            return {"link": f"{url}/consents", "day": (given.expires_at or vault.now()).date()}
        if job.kind in ABOUT_REQUESTS:
            request = require_request(vault, job.subject_id, job.facts["reference"])
            link = f"{url}/rights/requests/{request.reference}"
            return {"link": link, "reference": request.reference, "day": request.due_on}
        if job.kind is JobKind.MAIL_RESTRICTION_ENDS:
            day = vault.now() + timedelta(days=self._house.config.lift_notice_days)
            link = f"{url}/rights/requests/{job.facts['reference']}"
            return {"link": link, "day": day.date()}
        return {"link": f"{url}/perks" if job.kind is JobKind.MAIL_POST_DUE else f"{url}/sign-in"}

    def _proofs(self, vault: Vault, job: Job) -> dict[str, object]:
        """What shows that somebody reads the mailbox: made while the mail is written, kept as a hash."""
        url = self._house.config.public_url
        if job.kind is JobKind.MAIL_CODE:
            code = begin_code(self._house, vault, job.subject_id)
            return {"link": f"{url}/rights/without-sign-in", "code": code}
        if job.kind is JobKind.MAIL_CONSENT_CONFIRM and (wished := find_unconfirmed(vault, job)) is not None:
            shown = notice(wished.scope, wished.notice_language, notices=self._house.notices)
            link = f"{url}/mail/confirm?token={begin_consent_confirmation(vault, wished)}"
            return {"link": link, "question": shown.question}
        if job.kind is JobKind.MAIL_BRAND_CONTACT:
            return contact_facts(self._house, vault, job)
        return {"link": f"{url}/confirm?token={begin_confirmation(vault, job.subject_id)}"}

    def _fail(self, job: Job, error: DomainError) -> None:
        _log.info("job_failed", kind=job.kind, problem=error.slug)
        with self._house.open_vault("worker") as vault:
            # A request whose job failed is as open as before, and somebody is to look at it.
            request = find_by_reference(vault, job.facts.get("reference"))
            if request is not None:
                escalate(vault, request, Escalation.JOB_FAILED)
            if finish(vault, job, error) and job.kind is JobKind.IMPORT:
                scope = str(score_scope(Platform(job.platform or "")))
                append(
                    vault,
                    Action.IMPORT_REFUSED,
                    subject_id=job.subject_id,
                    scope=scope,
                    outcome=Outcome.FAILED,
                )
        if job.kind in (JobKind.IMPORT, JobKind.RESTORE):
            remove_upload(self._house.config.spool, job.id)


def _log_unexpected(event: str, error: Exception) -> None:
    # Type and place only: the message of a foreign exception may hold what a person entered.
    place = traceback.extract_tb(error.__traceback__)[-1]
    _log.error(event, error=type(error).__name__, at=f"{Path(place.filename).name}:{place.lineno}")
