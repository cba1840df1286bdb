"""The public notices for programs: the same layers and parts as the pages, each with its articles."""

from flask import Response, abort
from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from app.api.answering import answer
from app.api.asking import query
from app.api.fields import Text
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.current import house as this_house
from app.documents import notice_for
from explain.wording import Language
from rights.documents.public_notice import Audience

views = api_blueprint("public_notices")
LANGUAGES = tuple(language.value for language in Language)


class NoticeQuerySchema(Schema):
    """In which language."""

    language = Text(load_default="en", validate=OneOf(LANGUAGES))


class NoticePartSchema(Schema):
    """One thing the law wants told: paragraphs, then a list."""

    key = fields.String(required=True)
    title = fields.String(required=True)
    articles = fields.List(fields.String(), required=True, metadata={"description": "of the GDPR, if alone"})
    says = fields.List(fields.String(), required=True)
    names = fields.List(fields.String(), required=True)


class PublicNoticeSchema(Schema):
    """A notice in three layers: a line, half a page, and every part."""

    audience = fields.Enum(Audience, by_value=fields.String, required=True)
    language = fields.String(required=True, validate=OneOf(LANGUAGES))
    title = fields.String(required=True)
    line = fields.String(required=True)
    short = fields.List(fields.String(), required=True)
    parts = fields.List(fields.Nested(NoticePartSchema), required=True)


@views.get("/privacy-notices/<audience>")
@operation(
    Operation(
        "What everybody may read beforehand: the privacy notice, those for people in archives and for minors",
        Answer(200, "The notice, with the article each part answers", (PublicNoticeSchema,)),
        asks=NoticeQuerySchema,
        is_public=True,
        places={"audience": {"type": "string", "enum": [one.value for one in Audience]}},
    )
)
def show_notice(audience: str) -> Response:
    known = {one.value: one for one in Audience}
    language = Language(query(NoticeQuerySchema)["language"])
    notice = notice_for(known.get(audience) or abort(404), language, this_house().config.controller)
    return answer(PublicNoticeSchema().dump(notice))
