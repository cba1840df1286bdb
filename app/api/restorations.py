"""An account brought along from another installation: the copy in the body, then what was taken over."""

from contextlib import closing
from typing import Any
from uuid import UUID

from flask import Response, url_for
from marshmallow import Schema, fields

from app.accounts import PasswordNeeded, require_fresh
from app.api.answering import answer
from app.api.asking import signed_in
from app.api.fields import Count, Instant
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.api.receiving import FORM, RAW, receive_archive, require_archive_type
from app.current import house as this_house
from app.imports import ImportRunning, UploadEmpty
from app.jobs import JobState
from app.restoring import enqueue_copy, open_copy, restoring
from rights.errors import AccountNotNew

views = api_blueprint("restorations")


class RestoredSchema(Schema):
    """What was taken over, and who signed the copy; `is_known`: whether this installation knows the key."""

    restored_at = Instant(required=True)
    issuer = fields.String(required=True)
    key = fields.String(required=True)
    is_known = fields.Boolean(required=True)
    decisions = Count(required=True)
    took_language = fields.Boolean(required=True)
    age_agrees = fields.Boolean(required=True)


class RestorationSchema(Schema):
    """How it stands: the state of the last copy brought, why it failed, what was taken over."""

    is_new = fields.Boolean(required=True)
    state = fields.Enum(JobState, by_value=fields.String, required=True, allow_none=True)
    problem = fields.String(required=True, allow_none=True)
    detail = fields.String(required=True, allow_none=True)
    facts = fields.Dict(keys=fields.String(), required=True)
    restored = fields.Nested(RestoredSchema, required=True, allow_none=True)


@views.post("/account/restoration")
@operation(
    Operation(
        "Bring an account from another installation: the copy as the body, or one form part `archive`",
        Answer(
            202,
            "The copy is sealed and waits to be verified",
            (RestorationSchema,),
            headers={"Location": "how it stands"},
        ),
        refuses=(AccountNotNew, ImportRunning, PasswordNeeded, UploadEmpty),
        uploads=(*RAW, FORM),
    )
)
def bring_copy() -> Response:
    house = this_house()
    session = signed_in(house)
    require_fresh(session)
    require_archive_type()
    upload = open_copy(house, session.subject_id)
    with closing(upload.writer):
        receive_archive(upload.writer, house.config.max_upload_bytes)
        enqueue_copy(house, session.subject_id, upload)
    return answer(
        _standing(session.subject_id), 202, {"Location": url_for("api_restorations.show_restoration")}
    )


@views.get("/account/restoration")
@operation(
    Operation(
        "How bringing an account along stands",
        Answer(200, "The last copy brought, and what was taken over", (RestorationSchema,)),
    )
)
def show_restoration() -> Response:
    return answer(_standing(signed_in(this_house()).subject_id))


def _standing(subject_id: UUID) -> dict[str, Any]:
    standing = restoring(this_house(), subject_id)
    job = standing.job
    shown: dict[str, Any] = RestorationSchema().dump(
        {
            "is_new": standing.is_new,
            "state": job.state if job is not None else None,
            "problem": job.problem if job is not None else None,
            "detail": job.detail if job is not None else None,
            "facts": job.facts if job is not None else {},
            "restored": standing.restored,
        }
    )
    return shown
