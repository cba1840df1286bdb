"""Which points cards were released, from when on, and how far each one moved scores: for everybody."""

from flask import Response
from marshmallow import Schema, fields
from marshmallow.validate import Equal, Range

from app.api.answering import answer
from app.api.fields import Count, Instant
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.current import house as this_house
from model.distribution import K, distribution_to_json
from model.release import ReleaseView, releases

views = api_blueprint("releases")
_POINTS = {"description": "in whole points; null is an open end"}


class ChangeBinSchema(Schema):
    """People whose shown score the card moved by so many points, both ends included."""

    lowest = fields.Integer(required=True, strict=True, allow_none=True, metadata=_POINTS)
    highest = fields.Integer(required=True, strict=True, allow_none=True, metadata=_POINTS)
    people = Count(required=True, validate=Range(K), metadata={"description": "rounded to tens"})


class DistributionSchema(Schema):
    """How far the card moved scores, in bins of at least `k` people."""

    k = Count(required=True, validate=Equal(K))
    people = Count(
        required=True,
        allow_none=True,
        validate=Range(K),
        metadata={"description": "the sum of the bins; null where fewer than k people have a score"},
    )
    bins = fields.List(fields.Nested(ChangeBinSchema), required=True)


class ReleaseSchema(Schema):
    """One release of a points card."""

    number = Count(required=True, validate=Range(1))
    digest = fields.String(required=True, metadata={"description": "of the points card"})
    announced_at = Instant(required=True)
    effective_at = Instant(required=True)
    distribution = fields.Nested(
        DistributionSchema,
        required=True,
        allow_none=True,
        metadata={"description": "null for the first release, which followed none"},
    )


class ReleasesSchema(Schema):
    """Releases, newest first."""

    releases = fields.List(fields.Nested(ReleaseSchema), required=True)


@views.get("/card/releases")
@operation(
    Operation(
        "Every points card that was released: digest, days, and how far it moved scores",
        Answer(200, "The releases, newest first", (ReleasesSchema,)),
        is_public=True,
    )
)
def show_releases() -> Response:
    with this_house().open_reading_vault("system") as vault:
        return answer({"releases": [release_json(one) for one in releases(vault)]})


def release_json(release: ReleaseView) -> dict[str, object]:
    """A release as it goes out."""
    said = release.distribution
    return {
        "number": release.number,
        "digest": release.digest,
        "announced_at": release.announced_at.isoformat(),
        "effective_at": release.effective_at.isoformat(),
        "distribution": None if said is None else distribution_to_json(said),
    }
