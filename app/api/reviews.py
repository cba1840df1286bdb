"""Asking that a person looks at one's score (rights/review.py)."""

from flask import Response
from marshmallow import Schema, fields
from marshmallow.validate import Length

from app.api.answering import answer
from app.api.asking import body, signed_in
from app.api.fields import Text
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.current import house as this_house
from app.jobs import JobKind
from app.requests import tell
from rights.request import Channel
from rights.review import contest

views = api_blueprint("reviews")


class ContestSchema(Schema):
    """Why the score is wrong."""

    statement = Text(required=True, validate=Length(1, 1000))


class ReviewAskedSchema(Schema):
    """The request it became."""

    reference = fields.String(required=True)


@views.post("/rights/reviews")
@operation(
    Operation(
        "Have a person look at your score (Art. 22(3))",
        Answer(201, "A person will answer, with reasons", (ReviewAskedSchema,)),
        takes=ContestSchema,
        example={"statement": "The week of my fair is missing."},
    )
)
def ask_review() -> Response:
    house = this_house()
    subject_id, sent = signed_in(house).subject_id, body(ContestSchema)
    with house.open_vault("subject") as vault:
        request = contest(vault, subject_id, sent["statement"], Channel.API)
        tell(vault, request, JobKind.MAIL_REQUEST_RECEIVED)
        reference = request.reference
    return answer({"reference": reference}, 201)
