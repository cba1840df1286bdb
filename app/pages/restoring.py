"""Bringing an account along from another installation: the copy chosen here, then what was taken over.

password just now -> same site -> new account -> (body read, straight into the sealed spool) -> form token
"""

from contextlib import closing
from typing import cast

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.current import house, signed_in
from app.forms import Form, FormUnexpected, require_form
from app.jobs import JobState, JobView
from app.language import say
from app.pages.fresh import require_fresh
from app.restoring import CopyUpload, enqueue_copy, open_copy, restoring
from app.security import check_form_token
from app.upload import StreamedRequest

pages = Blueprint("restoring", __name__)
FRAME_BYTES = 16 * 1024  # what multipart puts around the file
COPY = "copy"


class CopyForm(Form):
    """Beside the file, the form token only."""


@pages.get("/account/restore")
def show() -> ResponseReturnValue:
    require_fresh()
    standing = restoring(house(), signed_in().subject_id)
    job = standing.job
    return render_template("restore.html", standing=standing, job=job, state=_state(job) if job else None)


@pages.post("/account/restore")
def receive() -> ResponseReturnValue:
    require_fresh()
    upload = open_copy(house(), signed_in().subject_id)
    with closing(upload.writer):  # deletes what was not finished
        _read_body(upload)
        enqueue_copy(house(), signed_in().subject_id, upload)
    return redirect(url_for("restoring.show"), 303)


@pages.get("/account/restore/state")
def tell_state() -> ResponseReturnValue:
    job = restoring(house(), signed_in().subject_id).job
    return jsonify(_state(job) if job is not None else {"is_over": True})


def _read_body(upload: CopyUpload) -> None:
    arriving = cast(StreamedRequest, request)
    arriving.receive_file_into(upload.writer, house().config.max_upload_bytes + FRAME_BYTES)
    arriving.max_form_parts = 3
    require_form(CopyForm())  # the body is read here
    check_form_token()
    if arriving.files.keys() - {COPY}:
        raise FormUnexpected


def _state(job: JobView) -> dict[str, object]:
    """What the bar shows, the same with and without a script."""
    is_over = job.state in (JobState.DONE, JobState.FAILED)
    percent = 100 * job.bytes_done // job.bytes_total if job.bytes_total else 0
    percent = 100 if job.state is JobState.DONE else min(100, percent)
    return {
        "state": job.state,
        "percent": percent,
        "is_over": is_over,
        "text": say(f"restore.state_{job.state}", percent=percent),
    }
