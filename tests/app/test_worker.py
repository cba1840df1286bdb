"""The queue and the worker: what a job leaves, and what a killed, stopped or failed one leaves."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts import join
from app.imports import ImportRunning, UploadEmpty, enqueue_upload, find_import, open_upload, sweep_spool
from app.jobs import Job, JobState, JobUnknown, lease
from app.worker import Worker
from audit.entry import parse
from audit.stored import StoredLog
from consent.errors import ConsentMissing
from consent.gate import permits_in_force
from consent.purpose import Purpose
from explain.report import score_history, score_report
from model.score import Score
from sources.activity import Platform
from sources.store import find_batches, open_records
from tests.people import (
    CollectingMailer,
    give_consent,
    import_archive,
    mastodon_zip,
    new_person,
    upload_archive,
    withdraw_consent,
    work,
    x_zip,
)
from vault.errors import EnvelopeInvalid, KeyDestroyed
from vault.spool import upload_path
from vault.subject import AgeBand


def actions(house) -> list[str]:
    with house.open_reading_vault("system") as vault:
        log = StoredLog(vault.session)
        return [parse(body).action for body, _ in log.entries(0, log.size)]


def report(house, person):
    with house.open_reading_vault() as vault:
        return score_report(vault, person.subject_id)


def test_an_import_is_read_sealed_scored_and_logged(house, person):
    give_consent(house, person)

    job_id = import_archive(house, person, Platform.X, x_zip())

    assert find_import(house, person.subject_id, job_id).state is JobState.DONE
    assert actions(house)[-4:] == ["consent.given", "import.stored", "record.read", "score.computed"]
    assert report(house, person).platforms == (Platform.X,)
    assert list(house.config.spool.iterdir()) == []


def test_importing_again_replaces_the_weeks_and_adds_nothing(house, person):
    give_consent(house, person)
    import_archive(house, person, Platform.X, x_zip(likes=3))
    first = report(house, person).result

    import_archive(house, person, Platform.X, x_zip(likes=3))

    assert report(house, person).result == first
    with house.open_reading_vault() as vault:
        permits = permits_in_force(vault, person.subject_id, Purpose.SCORE_COMPUTE)
        record = open_records(vault, permits)[Platform.X]
    assert (record.posts, record.likes_received) == (2, 6)


def test_nothing_is_taken_without_consent(house, person):
    with pytest.raises(ConsentMissing):
        open_upload(house, person.subject_id, Platform.X)

    assert not house.config.spool.exists() or list(house.config.spool.iterdir()) == []


def test_an_empty_upload_is_refused_and_leaves_nothing(house, person):
    give_consent(house, person)
    upload = open_upload(house, person.subject_id, Platform.X)

    with pytest.raises(UploadEmpty):
        enqueue_upload(house, person.subject_id, upload)

    assert list(house.config.spool.iterdir()) == []


def test_one_import_of_a_platform_at_a_time(house, person):
    give_consent(house, person)
    second = open_upload(house, person.subject_id, Platform.X)
    upload_archive(house, person, Platform.X, x_zip())
    second.writer.write(x_zip())

    with pytest.raises(ImportRunning):
        enqueue_upload(house, person.subject_id, second)

    assert len(list(house.config.spool.iterdir())) == 1


def test_a_refused_archive_fails_with_its_reason_and_keeps_the_earlier_import(house, person):
    give_consent(house, person)
    import_archive(house, person, Platform.X, x_zip())
    before = report(house, person).result

    job_id = import_archive(house, person, Platform.X, b"PK\x03\x04 not a zip after all")

    job = find_import(house, person.subject_id, job_id)
    assert (job.state, job.problem) == (JobState.FAILED, "archive-unreadable")
    assert report(house, person).result == before
    assert actions(house)[-1] == "import.refused"
    assert list(house.config.spool.iterdir()) == []


def test_an_archive_of_another_platform_is_refused(house, person):
    give_consent(house, person)

    job_id = import_archive(house, person, Platform.X, mastodon_zip())

    assert find_import(house, person.subject_id, job_id).problem == "wrong-platform"
    assert report(house, person) is None


def test_somebody_elses_import_is_unknown(house, person):
    give_consent(house, person)
    job_id = import_archive(house, person, Platform.X, x_zip())
    other = new_person(house, "grace@example.org")

    with pytest.raises(JobUnknown):
        find_import(house, other.subject_id, job_id)


def test_a_killed_workers_job_is_taken_up_after_its_lease_and_done_once(house, person, clock):
    give_consent(house, person)
    job_id = upload_archive(house, person, Platform.X, x_zip())
    with house.open_vault("worker") as vault:
        lease(vault, timedelta(seconds=30))  # and here the worker is killed

    work(house)
    assert find_import(house, person.subject_id, job_id).state is JobState.RUNNING
    clock.advance(timedelta(seconds=31))
    work(house)

    assert find_import(house, person.subject_id, job_id).state is JobState.DONE
    assert actions(house).count("import.stored") == 1


def test_a_worker_that_was_too_slow_stores_nothing(house, person, clock):
    give_consent(house, person)
    upload_archive(house, person, Platform.X, x_zip())
    with house.open_vault("worker") as vault:
        slow = lease(vault, timedelta(seconds=30))
    clock.advance(timedelta(seconds=31))
    with house.open_vault("worker") as vault:
        assert lease(vault, timedelta(seconds=30)) is not None  # another worker has it now

    assert slow is not None
    Worker(house, CollectingMailer()).carry_through(slow)

    with house.open_reading_vault() as vault:
        assert find_batches(vault, person.subject_id) == {}


def test_a_job_that_kills_every_worker_is_given_up_after_three(house, person, clock):
    give_consent(house, person)
    job_id = upload_archive(house, person, Platform.X, x_zip())
    for _ in range(3):
        with house.open_vault("worker") as vault:
            lease(vault, timedelta(seconds=30))
        clock.advance(timedelta(seconds=31))

    work(house)

    assert find_import(house, person.subject_id, job_id).problem == "job-abandoned"
    assert list(house.config.spool.iterdir()) == []


def test_withdrawing_before_the_archive_is_read_stops_the_import(house, person):
    give_consent(house, person)
    job_id = upload_archive(house, person, Platform.X, x_zip())

    withdraw_consent(house, person)
    work(house)

    assert find_import(house, person.subject_id, job_id).problem == "consent-missing"
    assert "import.stored" not in actions(house)
    assert not upload_path(house.config.spool, job_id).exists()


def test_withdrawing_one_of_two_networks_computes_the_score_from_the_other(house, person):
    for platform, archive in ((Platform.X, x_zip()), (Platform.MASTODON, mastodon_zip())):
        give_consent(house, person, platform)
        import_archive(house, person, platform, archive)
    with house.open_reading_vault() as vault:
        pooled = vault.session.scalars(select(Score).order_by(Score.number.desc())).first()
        permits = permits_in_force(vault, person.subject_id, Purpose.SCORE_COMPUTE)
        assert vault.unseal(list(permits.values()), pooled.cell("result"), pooled.result)

    withdraw_consent(house, person, Platform.X)

    assert report(house, person) is None  # only pooled scores there were, and they are gone
    work(house)
    assert report(house, person).platforms == (Platform.MASTODON,)
    with house.open_reading_vault() as vault:
        (remaining,) = permits_in_force(vault, person.subject_id, Purpose.SCORE_COMPUTE).values()
        with pytest.raises((EnvelopeInvalid, KeyDestroyed)):
            vault.unseal(remaining, pooled.cell("result"), pooled.result)


def test_withdrawing_the_last_network_leaves_no_score_which_is_not_zero(house, person):
    give_consent(house, person)
    import_archive(house, person, Platform.X, x_zip())

    withdraw_consent(house, person)
    work(house)

    assert report(house, person) is None
    with house.open_reading_vault() as vault:
        assert score_history(vault, person.subject_id) == ()


def test_a_mail_that_cannot_be_sent_waits_and_is_tried_again(house, clock):
    class BrokenMailer(CollectingMailer):
        def send(self, *_: object) -> None:
            raise ConnectionRefusedError

    join(house, "ada@example.org", "a long enough password", "de", AgeBand.ADULT)
    assert Worker(house, BrokenMailer()).run_once()

    assert work(house).sent == []
    clock.advance(timedelta(minutes=3))
    ((address, subject, text),) = work(house).sent

    assert address == "ada@example.org"
    assert "bestätigen" in subject
    assert "/confirm?token=" in text


def test_the_sweep_deletes_uploads_no_job_will_read(house, person, clock):
    give_consent(house, person)
    upload = open_upload(house, person.subject_id, Platform.X)
    upload.writer.write(x_zip())
    upload.writer.finish()  # and here the server is killed, before the job is committed

    assert sweep_spool(house) == 0
    clock.now = clock.now.replace(year=clock.now.year + 1)
    assert sweep_spool(house) == 1


def test_the_job_row_of_a_finished_import_is_kept_for_its_person_only(house, person):
    give_consent(house, person)
    import_archive(house, person, Platform.X, x_zip())

    with house.open_reading_vault() as vault:
        assert {job.subject_id for job in vault.session.scalars(select(Job))} == {person.subject_id}
