"""A public page, for programs: one page by its name, and no list of them."""

from flask import Response, abort
from marshmallow import Schema, fields

from app.api.answering import answer
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.current import house as this_house
from app.profile import PUBLIC_FIELDS, visit
from consent.part import SharedField

views = api_blueprint("profiles")


class ShownFieldSchema(Schema):
    """One field that its person shows to everybody, as it is now."""

    field = fields.Enum(SharedField, by_value=fields.String, required=True)
    value = fields.String(required=True)


class ProfileSchema(Schema):
    """What somebody shows to everybody: the fields they consented to, one by one, and no others."""

    fields_ = fields.List(fields.Nested(ShownFieldSchema), required=True, data_key="fields")


@views.get("/profiles/<slug>")
@operation(
    Operation(
        "What a person shows to everybody under their link; without their consent there is nothing",
        Answer(200, f"At most {len(PUBLIC_FIELDS)} fields", (ProfileSchema,)),
        is_public=True,
        places={"slug": {"type": "string", "pattern": "^[A-Za-z0-9_-]{22}$"}},
    )
)
def show_profile(slug: str) -> Response:
    shown = visit(this_house(), slug) or abort(404)
    response = answer(ProfileSchema().dump({"fields_": shown}))
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
