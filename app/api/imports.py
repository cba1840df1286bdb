"""Bringing an archive and following how far it is; reading it is the worker's business."""

from contextlib import closing
from uuid import UUID

from flask import Response, url_for
from marshmallow import Schema, fields

from app.api.answering import answer
from app.api.asking import signed_in
from app.api.fields import Count, Instant
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.api.receiving import FORM, RAW, receive_archive, require_archive_type
from app.current import house as this_house
from app.imports import ImportRunning, UploadEmpty, enqueue_upload, find_import, imports, open_upload
from app.jobs import JobState, JobUnknown
from consent.errors import ConsentMissing
from sources.activity import Platform
from sources.readers import READABLE

views = api_blueprint("imports")
_PLATFORMS = [platform.value for platform in READABLE]
# One name for both, because in OpenAPI two paths may not differ by the names of their variables alone.
_PLATFORM_KEY = {"key": {"type": "string", "enum": _PLATFORMS}}
_IMPORT_KEY = {"key": {"type": "string", "format": "uuid"}}


class ImportSchema(Schema):
    """One import: how far it is, and if it failed, why (`problem` as in /problems/…)."""

    id = fields.UUID(required=True)
    platform = fields.Enum(Platform, by_value=fields.String, required=True)
    state = fields.Enum(JobState, by_value=fields.String, required=True)
    bytes_done = Count(required=True)
    bytes_total = Count(required=True)
    problem = fields.String(required=True, allow_none=True)
    detail = fields.String(required=True, allow_none=True)
    facts = fields.Dict(keys=fields.String(), required=True)
    created_at = Instant(required=True)
    finished_at = Instant(required=True, allow_none=True)


class ImportsSchema(Schema):
    """A person's imports, newest first."""

    imports = fields.List(fields.Nested(ImportSchema), required=True)


@views.post(f"/imports/<any({', '.join(_PLATFORMS)}):key>")
@operation(
    Operation(
        "Bring an archive: the body, with a length or in chunks, or one form part `archive`",
        Answer(
            202,
            "The archive is sealed and waits to be read",
            (ImportSchema,),
            headers={"Location": "the import"},
        ),
        refuses=(ConsentMissing, ImportRunning, UploadEmpty),
        places=_PLATFORM_KEY,
        uploads=(*RAW, FORM),
    )
)
def bring_archive(key: str) -> Response:
    house = this_house()
    subject_id = signed_in(house).subject_id
    require_archive_type()
    upload = open_upload(house, subject_id, Platform(key))
    with closing(upload.writer):
        receive_archive(upload.writer, house.config.max_upload_bytes)
        job_id = enqueue_upload(house, subject_id, upload)
    view = ImportSchema().dump(find_import(house, subject_id, job_id))
    return answer(view, 202, {"Location": url_for("api_imports.show_import", key=job_id)})


@views.get("/imports")
@operation(Operation("Every import", Answer(200, "The imports, newest first", (ImportsSchema,))))
def list_imports() -> Response:
    subject_id = signed_in(this_house()).subject_id
    return answer(ImportsSchema().dump({"imports": imports(this_house(), subject_id)}))


@views.get("/imports/<uuid:key>")
@operation(
    Operation(
        "One import", Answer(200, "How far it is", (ImportSchema,)), refuses=(JobUnknown,), places=_IMPORT_KEY
    )
)
def show_import(key: UUID) -> Response:
    subject_id = signed_in(this_house()).subject_id
    return answer(ImportSchema().dump(find_import(this_house(), subject_id, key)))
