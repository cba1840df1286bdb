"""Bringing an archive: chosen here, sealed while it arrives, watched until it is read.

    signed in -> same site -> consent -> (body read, straight into the sealed spool) -> form token -> queued

Nothing of the body is read before consent was asked for, and whatever is refused leaves nothing behind.
"""

from typing import cast
from uuid import UUID

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.consents import consent_states
from app.current import house, signed_in
from app.forms import Form, FormUnexpected, require_form
from app.imports import Upload, enqueue_upload, find_import, imports, open_upload
from app.jobs import JobState, JobView
from app.language import language, say
from app.security import check_form_token
from app.upload import StreamedRequest
from consent.notice import NAMES
from consent.purpose import Purpose
from sources.activity import Platform
from sources.readers import READABLE

pages = Blueprint("imports", __name__)
FRAME_BYTES = 16 * 1024  # what multipart puts around the file
ARCHIVE = "archive"


class UploadForm(Form):
    """Beside the file, the form token only."""


@pages.get("/imports")
def show() -> ResponseReturnValue:
    with house().open_reading_vault() as vault:
        states = [
            state
            for state in consent_states(vault, signed_in().subject_id, language(), house().notices)
            if state.scope.purpose is Purpose.SCORE_COMPUTE
        ]
    return render_template(
        "imports.html", states=states, jobs=imports(house(), signed_in().subject_id), names=NAMES
    )


@pages.post(f"/imports/<any({', '.join(READABLE)}):platform>")
def receive(platform: str) -> ResponseReturnValue:
    upload = open_upload(house(), signed_in().subject_id, Platform(platform))
    try:
        _read_body(upload)
        job_id = enqueue_upload(house(), signed_in().subject_id, upload)
    finally:
        upload.writer.close()  # deletes what was not finished
    return redirect(url_for("imports.watch", job_id=job_id), 303)


@pages.get("/imports/<uuid:job_id>")
def watch(job_id: UUID) -> ResponseReturnValue:
    job = find_import(house(), signed_in().subject_id, job_id)
    return render_template("import.html", job=job, names=NAMES, state=_state(job))


@pages.get("/imports/<uuid:job_id>/state")
def tell_state(job_id: UUID) -> ResponseReturnValue:
    return jsonify(_state(find_import(house(), signed_in().subject_id, job_id)))


def _read_body(upload: Upload) -> None:
    arriving = cast(StreamedRequest, request)
    arriving.receive_file_into(upload.writer, house().config.max_upload_bytes + FRAME_BYTES)
    arriving.max_form_parts = 3
    require_form(UploadForm())  # the body is read here
    check_form_token()
    if arriving.files.keys() - {ARCHIVE}:
        raise FormUnexpected


def _state(job: JobView) -> dict[str, object]:
    """What the bar shows, the same with and without a script."""
    percent = 100 * job.bytes_done // job.bytes_total if job.bytes_total else 0
    if job.state is JobState.DONE:
        percent = 100
    return {
        "state": job.state,
        "percent": min(100, percent),
        "is_over": job.state in (JobState.DONE, JobState.FAILED),
        "text": say(f"import.state_{job.state}", percent=percent),
    }
