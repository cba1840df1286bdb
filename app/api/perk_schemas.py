"""What the API says of offers and of one's part in them (perks.py); how it is made: perk_answers.py."""

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range, Regexp

from app.api.fields import Count, Instant, Text, Truth
from app.perks import Act
from audit.entry import ActorRole
from consent.part import SharedField
from consent.register import LANGUAGES
from model.inputs import Criterion
from perks.eligibility import Code
from perks.label.check import LONGEST, Outcome
from perks.label.post import Country, Format
from perks.life import Event, Overlay, State
from perks.lists import COUNTRIES, NICHES
from perks.lists import LANGUAGES as POSTED_IN
from perks.post import LONGEST_URL
from perks.profile import MOST_SIGNS
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


class SourceSchema(Schema):
    """What a rule about labels comes from."""

    title = fields.String(required=True)
    dated = fields.String(required=True)
    address = fields.String(required=True)


class LabelRuleSchema(Schema):
    """The rule a label was checked by; `is_ours`: its sources do not name this case, it is our reading."""

    id = fields.String(required=True)
    says = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    is_ours = Truth(required=True)
    sources = fields.List(fields.Nested(SourceSchema), required=True)


class HandedInSchema(Schema):
    """A post you handed in; its words are not kept. `suggestion`: words to put in front where they lack."""

    url = fields.String(required=True)
    platform = fields.Enum(Platform, by_value=fields.String, required=True)
    country = fields.Enum(Country, by_value=fields.String, required=True)
    submitted_at = Instant(required=True)
    outcome = fields.Enum(Outcome, by_value=fields.String, required=True)
    rule = fields.Nested(LabelRuleSchema, required=True)
    suggestion = fields.String(required=True)
    fix_hours = Count(required=True)


class SubmissionSchema(Schema):
    """A post as it was published; `country` is where the people it addresses live, one of the offer's."""

    url = Text(required=True, validate=Length(max=LONGEST_URL))
    text = Text(required=True, validate=Length(max=LONGEST))
    platform = fields.Enum(Platform, by_value=Text, required=True)
    country = Text(required=True, validate=OneOf(sorted(COUNTRIES)))
    language = Text(required=True, validate=OneOf(LANGUAGES))
    format = fields.Enum(Format, by_value=Text, required=True)
    frames = fields.List(
        Text(), required=True, metadata={"description": "words seen in each picture of a story or video"}
    )
    stays = Truth(required=True, metadata={"description": "the label stays on screen, or is repeated"})
    platform_label = Truth(required=True, metadata={"description": "the network's own mark is on"})


class EvidencePartSchema(Schema):
    """One offer you took part in: what you received, from whom, what it was worth, and the posts."""

    offer = fields.Dict(required=True, metadata={"description": "id, title, digest of its terms"})
    brand = fields.String(required=True)
    payer = fields.String(required=True)
    on_behalf_of = fields.String(required=True)
    is_paid = Truth(required=True)
    received = fields.Dict(
        required=True, allow_none=True, metadata={"description": "kind, claimed_at, value in hundredths"}
    )
    expected_post = Truth(required=True)
    state = fields.Enum(State, by_value=fields.String, required=True)
    steps = fields.List(fields.Dict(), required=True, metadata={"description": "event and instant"})
    posts = fields.List(
        fields.Dict(), required=True, metadata={"description": "url, platform, when, country, label, rule"}
    )


class PerkEvidenceSchema(Schema):
    """What was paid for and what was not, from what is on record here (UWG section 5a(4))."""

    schema = fields.String(required=True)
    made_at = Instant(required=True)
    parts = fields.List(fields.Nested(EvidencePartSchema), required=True)


class OpenedOfferSchema(Schema):
    """One offer with your part in it; `overlays` stop everything but withdrawing."""

    offer = fields.Nested(PerkSchema, required=True)
    overlays = fields.List(fields.Enum(Overlay, by_value=fields.String), required=True)
    due_at = Instant(required=True, allow_none=True)
    steps = fields.List(fields.Nested(StepSchema), required=True)
    review = fields.Nested(EligibilityReviewSchema, required=True, allow_none=True)
    claimed = fields.Nested(ClaimedSchema, required=True, allow_none=True)
    posts = fields.List(fields.Nested(HandedInSchema), required=True)


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
