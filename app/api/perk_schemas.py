"""What the API says of offers and of one's part in them (app/api/perks.py)."""

from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range, Regexp

from app.api.fields import Count, Instant, Text, Truth
from app.perks import Act, OpenedOffer, SeenOffer
from audit.entry import ActorRole
from consent.part import SharedField
from consent.register import LANGUAGES
from model.inputs import Criterion
from perks.eligibility import Code, Judgement
from perks.handover import Preview
from perks.life import Event, Overlay, State
from perks.lists import COUNTRIES, NICHES
from perks.lists import LANGUAGES as POSTED_IN
from perks.profile import MOST_SIGNS, PerkProfile
from sources.activity import Platform


class AdvertiserSchema(Schema):
    """Whose advertising it is, on whose behalf, and who pays (DSA Art. 26(1)(b), (c))."""

    slug = fields.String(required=True)
    name = fields.String(required=True)
    domain = fields.String(required=True)
    on_behalf_of = fields.String(required=True)
    payer = fields.String(required=True)


class ReasonSchema(Schema):
    """One criterion that is not met; `needed` and `has` where it is a number."""

    code = fields.Enum(Code, by_value=fields.String, required=True)
    criterion = fields.Enum(Criterion, by_value=fields.String, required=True, allow_none=True)
    needed = Count(required=True, allow_none=True)
    has = fields.Float(required=True, allow_none=True)


class NearestChangeSchema(Schema):
    """The smallest change that would meet one criterion, or why none can be advised."""

    code = fields.Enum(Code, by_value=fields.String, required=True)
    criterion = fields.Enum(Criterion, by_value=fields.String, required=True, allow_none=True)
    answer = fields.Dict(
        required=True,
        metadata={"description": "as in GET /score/explanation/schema: changes, or why there are none"},
    )


class JudgementSchema(Schema):
    """Whether you reach it on today's figures, and every reason why not."""

    is_eligible = Truth(required=True)
    reasons = fields.List(fields.Nested(ReasonSchema), required=True)
    nearest = fields.List(fields.Nested(NearestChangeSchema), required=True)


class PerkSchema(Schema):
    """One offer as you see it: advertising, with whom it is for in `terms.criteria`.

    `left`: at least so many, in tens; null: nothing is left. `judgement` is null while matching is off,
    `state` until you take part. `may`: what you can do now, and nothing else.
    """

    id = fields.UUID(required=True)
    is_advertising = Truth(required=True)
    advertiser = fields.Nested(AdvertiserSchema, required=True)
    version = Count(required=True)
    sha256 = fields.String(required=True, validate=Length(equal=64))
    terms = fields.Dict(
        required=True,
        metadata={
            "description": "kind, title, text, criteria, what is expected, label, window, shares, value"
        },
    )
    is_open = Truth(required=True)
    left = Count(required=True, allow_none=True)
    judgement = fields.Nested(JudgementSchema, required=True, allow_none=True)
    state = fields.Enum(State, by_value=fields.String, required=True, allow_none=True)
    may = fields.List(fields.Enum(Act, by_value=fields.String), required=True)


class PerksSchema(Schema):
    """What you reach comes first, then what ends sooner."""

    offers = fields.List(fields.Nested(PerkSchema), required=True)


class StepSchema(Schema):
    """One step: what happened, where it led, in which role it was caused, and when."""

    event = fields.Enum(Event, by_value=fields.String, required=True)
    state = fields.Enum(State, by_value=fields.String, required=True)
    role = fields.Enum(ActorRole, by_value=fields.String, required=True)
    at = Instant(required=True)


class EligibilityReviewSchema(Schema):
    """What you said, and what a person answered."""

    statement = fields.String(required=True, allow_none=True)
    answer = fields.String(required=True, allow_none=True)
    is_admitted = Truth(required=True)


class ClaimedSchema(Schema):
    """What a claim brought: a code, or who sends you something."""

    code = fields.String(required=True, allow_none=True)
    shipper = fields.String(required=True, allow_none=True)


class OpenedOfferSchema(Schema):
    """One offer with your part in it; `overlays` stop everything but withdrawing."""

    offer = fields.Nested(PerkSchema, required=True)
    overlays = fields.List(fields.Enum(Overlay, by_value=fields.String), required=True)
    due_at = Instant(required=True, allow_none=True)
    steps = fields.List(fields.Nested(StepSchema), required=True)
    review = fields.Nested(EligibilityReviewSchema, required=True, allow_none=True)
    claimed = fields.Nested(ClaimedSchema, required=True, allow_none=True)


class ShownValueSchema(Schema):
    """One field with its value, letter by letter as it would be sent."""

    field = fields.Enum(SharedField, by_value=fields.String, required=True)
    value = fields.String(required=True)


class ShareNoticeSchema(Schema):
    """The words about sharing; `sha256` is part of the digest that a yes names."""

    version = fields.String(required=True)
    language = fields.String(required=True, validate=OneOf(LANGUAGES))
    text = fields.String(required=True)
    sha256 = fields.String(required=True, validate=Length(equal=64))


class PreviewSchema(Schema):
    """Exactly what would be shared; `digest` and `seen` go into the yes. `lacking`: asked for and not there.

    `notice` is null where the offer asks for nothing.
    """

    values = fields.List(fields.Nested(ShownValueSchema), required=True)
    lacking = fields.List(fields.Enum(SharedField, by_value=fields.String), required=True)
    notice = fields.Nested(ShareNoticeSchema, required=True, allow_none=True)
    digest = fields.String(required=True, validate=Length(equal=64))
    seen = Count(required=True)


class ShareAnswerSchema(Schema):
    """Yes or no to the very values that were shown."""

    decision = Text(required=True, validate=OneOf(["given", "refused"]))
    digest = Text(required=True, validate=Regexp("^[0-9a-f]{64}$"))
    seen = Count(required=True, validate=Range(0, 2**31 - 1))
    language = Text(required=True, validate=OneOf(LANGUAGES))
    despite_signal = Truth(
        load_default=False,
        metadata={"description": "said where the person was told that a browser of theirs asks not to share"},
    )


class StatementSchema(Schema):
    """What the person who looks should know; may be empty."""

    statement = Text(required=True, validate=Length(max=4000))


class ClaimSchema(Schema):
    """Where a sample goes, in lines as on an envelope; null for anything else."""

    address = Text(required=True, allow_none=True, validate=Length(max=400))


class PerkProfileSchema(Schema):
    """What you say about yourself for offers; everything may be left open."""

    country = Text(required=True, allow_none=True, validate=OneOf(sorted(COUNTRIES)))
    languages = fields.List(Text(validate=OneOf(sorted(POSTED_IN))), required=True)
    niches = fields.List(Text(validate=OneOf(sorted(NICHES))), required=True)
    display_name = Text(required=True, allow_none=True, validate=Length(max=MOST_SIGNS))
    handles = fields.Dict(
        keys=fields.Enum(Platform, by_value=Text),
        values=Text(validate=Length(1, MOST_SIGNS)),
        required=True,
        metadata={"description": "your name on each network; only a brand whose offer asks may get it"},
    )


def profile_of(sent: dict[str, Any]) -> PerkProfile:
    """A profile as it was sent.

    Raises:
        ProfileUnfit: too many choices, or a name that is no single line.
    """
    chosen = {name: frozenset(sent[name]) for name in ("languages", "niches")}
    return PerkProfile(
        country=sent["country"], display_name=sent["display_name"], handles=sent["handles"], **chosen
    )


def say_offer(seen: SeenOffer) -> dict[str, Any]:
    """One offer as JSON."""
    offer = seen.offer
    return {
        "id": str(offer.id),
        "is_advertising": True,
        "advertiser": {
            "slug": offer.recipient.slug,
            "name": offer.recipient.name,
            "domain": offer.brand.domain,
            "on_behalf_of": offer.terms.on_behalf_of,
            "payer": offer.terms.payer,
        },
        "version": offer.number,
        "sha256": offer.sha256,
        "terms": offer.terms.to_json(),
        "is_open": seen.is_open,
        "left": seen.left,
        "judgement": _say_judgement(seen.judgement),
        "state": seen.state.value if seen.state is not None else None,
        "may": [act.value for act in seen.acts],
    }


def say_opened(opened: OpenedOffer) -> dict[str, Any]:
    """One offer with one's part in it as JSON."""
    part, review, brought = opened.seen.participation, opened.review, opened.claimed
    due_at = part.due_at if part is not None else None
    return {
        "offer": say_offer(opened.seen),
        "overlays": sorted(opened.overlays),
        "due_at": due_at.isoformat() if due_at is not None else None,
        "steps": [
            {
                "event": one.event.value,
                "state": one.state.value,
                "role": one.role.value,
                "at": one.at.isoformat(),
            }
            for one in opened.steps
        ],
        "review": {
            "statement": review.get("statement"),
            "answer": review.get("answer"),
            "is_admitted": bool(review.get("is_admitted")),
        }
        if review
        else None,
        "claimed": {"code": brought.code, "shipper": brought.shipper} if brought is not None else None,
    }


def say_preview(shown: Preview) -> dict[str, Any]:
    """The exact values and the words about them as JSON."""
    notice = shown.notice
    return {
        "values": [{"field": field.value, "value": value} for field, value in shown.values.items()],
        "lacking": [field.value for field in shown.lacking],
        "notice": {name: getattr(notice, name) for name in ("version", "language", "text", "sha256")}
        if notice is not None
        else None,
        "digest": shown.digest,
        "seen": shown.seen,
    }


def _say_judgement(found: Judgement | None) -> dict[str, Any] | None:
    if found is None:
        return None
    said = found.to_json()
    named = ("code", "criterion")
    nearest = [
        {**{name: one.pop(name) for name in named}, "answer": one} for one in map(dict, said["nearest"])
    ]
    return said | {"nearest": nearest}
