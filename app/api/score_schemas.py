"""The shapes of the score as it goes out (score.py makes them without these), and of what may be asked."""

from marshmallow import Schema, fields
from marshmallow.validate import Equal, Length, OneOf, Range

from app.api.fields import Count, Instant, Text, Truth
from model.inputs import Criterion
from sources.activity import Platform, Source

REASONS = ("no-consent", "no-import", "computing", "failed")
_POINTS = {"description": "in score points"}


class PlatformSchema(Schema):
    """Which network alone is asked for."""

    platform = fields.Enum(Platform, by_value=Text)


class CriterionSchema(Schema):
    """One criterion: its points, what they come from, and how they split over the networks."""

    name = fields.Enum(Criterion, by_value=fields.String, required=True)
    points = fields.Float(required=True, metadata=_POINTS)
    max_points = fields.Float(required=True, metadata=_POINTS)
    input = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "in common units; null where no network gives it"},
    )
    by_network = fields.Dict(
        keys=fields.Enum(Platform, by_value=fields.String),
        values=fields.Float(),
        required=True,
        metadata={"description": "the points split over the networks, exactly"},
    )


class NetworkSchema(Schema):
    """The same card on one network alone, and how much it rests on."""

    platform = fields.Enum(Platform, by_value=fields.String, required=True)
    score = Count(required=True, validate=Range(1, 100))
    exact = fields.Float(required=True)
    source = fields.Enum(Source, by_value=fields.String, required=True)
    as_of = fields.Date(required=True, allow_none=True)
    window = fields.List(
        fields.Date(),
        required=True,
        allow_none=True,
        validate=Length(equal=2),
        metadata={"description": "first and last day of the weeks that count"},
    )
    values = fields.Dict(
        keys=fields.Enum(Criterion, by_value=fields.String),
        values=fields.Float(allow_none=True),
        required=True,
        metadata={"description": "the inputs in the network's own units; null where its data hold none"},
    )
    response_weeks = fields.List(
        fields.String(),
        required=True,
        allow_none=True,
        metadata={"description": "the ISO weeks of the window with at least one response"},
    )
    weeks_seen = Count(required=True)
    posts = fields.Float(required=True)
    missing = fields.List(fields.Enum(Criterion, by_value=fields.String), required=True)


class ComparisonSchema(Schema):
    """The score seen from the reference population: base plus values is `exact`."""

    base = fields.Float(required=True, metadata=_POINTS)
    values = fields.Dict(
        keys=fields.Enum(Criterion, by_value=fields.String), values=fields.Float(), required=True
    )


class ScoreSchema(Schema):
    """A score: `exact` is `base` plus the points of all criteria; `band` holds the truth with 90 %."""

    status = fields.String(required=True, validate=Equal("computed"))
    score = Count(required=True, validate=Range(1, 100))
    exact = fields.Float(required=True)
    base = fields.Float(required=True)
    band = fields.List(Count(), required=True, validate=Length(equal=2))
    criteria = fields.List(fields.Nested(CriterionSchema), required=True)
    comparison = fields.Nested(
        ComparisonSchema,
        required=True,
        allow_none=True,
        metadata={"description": "null where the points card has changed since"},
    )
    networks = fields.List(fields.Nested(NetworkSchema), required=True)
    platforms = fields.List(fields.Enum(Platform, by_value=fields.String), required=True)
    is_stale = Truth(required=True, metadata={"description": "a network's data are older than half a year"})
    model = fields.String(required=True, metadata={"description": "digest of the points card"})
    features = fields.String(required=True, metadata={"description": "digest of the inputs"})
    computed_at = Instant(required=True)


class ScoreAbsentSchema(Schema):
    """No score, and why; this is not a score of 0."""

    status = fields.String(required=True, validate=OneOf(("not-computed", "computing")))
    score = fields.Raw(required=True, allow_none=True, validate=Equal(None))
    reason = fields.String(required=True, validate=OneOf(REASONS))


class NetworkViewSchema(NetworkSchema):
    """One network's score, and its part of the points of the pooled one (null: does not give the figure)."""

    status = fields.String(required=True, validate=Equal("computed"))
    points_in_score = fields.Dict(
        keys=fields.Enum(Criterion, by_value=fields.String),
        values=fields.Float(allow_none=True),
        required=True,
    )
    model = fields.String(required=True)
    computed_at = Instant(required=True)


class HistoryPointSchema(Schema):
    """One earlier score."""

    computed_at = Instant(required=True)
    score = Count(required=True, validate=Range(1, 100))
    platforms = fields.List(fields.Enum(Platform, by_value=fields.String), required=True)
    model = fields.String(required=True)


class HistorySchema(Schema):
    """Scores, newest first."""

    scores = fields.List(fields.Nested(HistoryPointSchema), required=True)
