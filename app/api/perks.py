"""Offers for a creator, for programs; the same as the pages (app/pages/perks.py).

Every act of `may` has its operation here; whatever is not in it is refused with 409 and stands in the log. A
yes names the digest of the very values that POST …/preview showed.
"""

from uuid import UUID

from flask import Response
from marshmallow import Schema

from app.api.answering import answer, answer_nothing
from app.api.asking import body, query, signed_in, signed_in_within
from app.api.consents import LanguageSchema
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.api.perk_answers import profile_of, say_offer, say_opened, say_preview
from app.api.perk_schemas import (
    ClaimSchema,
    OpenedOfferSchema,
    PerkEvidenceSchema,
    PerkProfileSchema,
    PerksSchema,
    PreviewSchema,
    ShareAnswerSchema,
    StatementSchema,
    SubmissionSchema,
)
from app.current import house as this_house
from app.perks import open_offer, seen_offers
from app.transaction import House
from consent.errors import ConsentChanged, ConsentMissing, GrantNotTheirs, SignalHeeded, TooYoung
from consent.gate import require_permit
from consent.record import Choice, Surface
from explain.wording import Language
from perks.claim import AddressUnfit, claim
from perks.errors import CodesGone, OfferUnknown
from perks.evidence import evidence
from perks.handover import PreviewOutdated, ValuesLacking, Yes, consent, decline, leave, preview
from perks.life import StepIllegal
from perks.matching import OfferNotOpen, look_again, take_part
from perks.participation import MATCH, OfferTaken, ParticipationUnknown
from perks.post import PostUnfit, Submission, submit_post
from perks.profile import ProfileUnfit, read_profile, write_profile
from perks.review import ReviewUnfit, ask_review
from vault.errors import DomainError

views = api_blueprint("perks")
PLACES = {"offer_id": {"type": "string", "format": "uuid"}}
SEEN = (ConsentMissing, OfferNotOpen, OfferUnknown)
STEP = (*SEEN, ParticipationUnknown, StepIllegal)
AS_IT_STANDS = Answer(200, "The offer, and your part in it as it now stands", (OpenedOfferSchema,))
EXAMPLE_PROFILE = {
    "country": "DE",
    "languages": ["de", "en"],
    "niches": ["gardening"],
    "display_name": "Ada",
    "handles": {"mastodon": "@ada@social.example"},
}


def _step(
    summary: str, *more: type[DomainError], takes: type[Schema] | None = None, **example: object
) -> Operation:
    """An operation that takes one step of a participation."""
    return Operation(
        summary, AS_IT_STANDS, takes=takes, refuses=(*STEP, *more), places=PLACES, example=example
    )


@views.get("/perks")
@operation(
    Operation(
        "Every open offer and every one you take part in; without the consent `perk.match` only the latter",
        Answer(200, "What you reach comes first, then what ends sooner", (PerksSchema,)),
    )
)
def list_perks() -> Response:
    house = this_house()
    with house.open_reading_vault() as vault:
        found = seen_offers(vault, signed_in_within(vault, house).subject_id)
        return answer({"offers": [say_offer(one) for one in found]})


@views.get("/perks/profile")
@operation(
    Operation(
        "What you say about yourself for offers",
        Answer(200, "As you wrote it; open where you wrote nothing", (PerkProfileSchema,)),
        refuses=(ConsentMissing,),
    )
)
def show_perk_profile() -> Response:
    house = this_house()
    with house.open_reading_vault() as vault:
        subject_id = signed_in_within(vault, house).subject_id
        return answer(read_profile(vault, require_permit(vault, subject_id, MATCH)).to_json())


@views.put("/perks/profile")
@operation(
    Operation(
        "Say what offers may ask about, chosen of closed lists",
        Answer(204, "Kept in place of what was there"),
        takes=PerkProfileSchema,
        refuses=(ConsentMissing, ProfileUnfit),
        example=EXAMPLE_PROFILE,
    )
)
def write_perk_profile() -> Response:
    house = this_house()
    subject_id, profile = signed_in(house).subject_id, profile_of(body(PerkProfileSchema))
    with house.open_vault("subject") as vault:
        write_profile(vault, subject_id, profile)
    return answer_nothing()


@views.get("/perks/evidence")
@operation(
    Operation(
        "What was paid for and what was not, by whom, and how it was labelled",
        Answer(200, "Every offer you took part in, newest first", (PerkEvidenceSchema,)),
    )
)
def show_perk_evidence() -> Response:
    house = this_house()
    with house.open_reading_vault() as vault:
        return answer(evidence(vault, signed_in_within(vault, house).subject_id))


@views.get("/perks/<uuid:offer_id>")
@operation(
    Operation(
        "One offer, and your part in it step by step",
        Answer(200, "The offer; reasons, review, code and steps are yours alone", (OpenedOfferSchema,)),
        refuses=SEEN,
        places=PLACES,
    )
)
def show_perk(offer_id: UUID) -> Response:
    house = this_house()
    with house.open_reading_vault() as vault:
        return answer(say_opened(open_offer(vault, signed_in_within(vault, house).subject_id, offer_id)))


@views.post("/perks/<uuid:offer_id>/participation")
@operation(_step("Take part; whether you reach it is worked out at once", OfferTaken))
def take_part_in_perk(offer_id: UUID) -> Response:
    house = this_house()
    subject_id = signed_in(house).subject_id
    with house.open_vault("subject") as vault:
        take_part(vault, subject_id, offer_id)
    return _as_it_stands(house, subject_id, offer_id)


@views.delete("/perks/<uuid:offer_id>/participation")
@operation(_step("Withdraw: from then on nothing can be read, and the brand is told to erase"))
def leave_perk(offer_id: UUID) -> Response:
    house = this_house()
    subject_id = signed_in(house).subject_id
    with house.open_vault("subject") as vault:
        leave(vault, subject_id, offer_id, "en", Surface.API, house.notices)
    return _as_it_stands(house, subject_id, offer_id)


@views.post("/perks/<uuid:offer_id>/recheck")
@operation(_step("Have it worked out again on today's figures"))
def recheck_perk(offer_id: UUID) -> Response:
    house = this_house()
    subject_id = signed_in(house).subject_id
    with house.open_vault("subject") as vault:
        look_again(vault, subject_id, offer_id)
    return _as_it_stands(house, subject_id, offer_id)


@views.post("/perks/<uuid:offer_id>/review")
@operation(
    _step(
        "Have a person look at a no (Art. 22(3))",
        ReviewUnfit,
        takes=StatementSchema,
        statement="I post in German, too.",
    )
)
def ask_perk_review(offer_id: UUID) -> Response:
    house = this_house()
    subject_id, sent = signed_in(house).subject_id, body(StatementSchema)
    with house.open_vault("subject") as vault:
        ask_review(vault, subject_id, offer_id, sent["statement"])
    return _as_it_stands(house, subject_id, offer_id)


@views.post("/perks/<uuid:offer_id>/preview")
@operation(
    Operation(
        "See exactly what would be shared, and the words about it",
        Answer(
            200,
            "The values; where today's figures say no, the offer with its reasons instead",
            (PreviewSchema, OpenedOfferSchema),
        ),
        asks=LanguageSchema,
        refuses=STEP,
        places=PLACES,
    )
)
def preview_perk(offer_id: UUID) -> Response:
    house = this_house()
    subject_id, language = signed_in(house).subject_id, query(LanguageSchema)["language"]
    with house.open_vault("subject") as vault:
        shown = preview(vault, subject_id, offer_id, language, house.notices)
    return answer(say_preview(shown)) if shown else _as_it_stands(house, subject_id, offer_id)


@views.put("/perks/<uuid:offer_id>/consent")
@operation(
    _step(
        "Say yes to exactly the values that were shown, or no",
        ConsentChanged,
        GrantNotTheirs,
        PreviewOutdated,
        SignalHeeded,
        TooYoung,
        ValuesLacking,
        takes=ShareAnswerSchema,
        decision="given",
        digest="0f5e8a9b9c6d4c2b7a1e3f50617283940f5e8a9b9c6d4c2b7a1e3f5061728394",
        seen=0,
        language="en",
    )
)
def decide_perk(offer_id: UUID) -> Response:
    house = this_house()
    subject_id, sent = signed_in(house).subject_id, body(ShareAnswerSchema)
    with house.open_vault("subject") as vault:
        if sent["decision"] == Choice.REFUSED:
            decline(vault, subject_id, offer_id, sent["language"], house.notices)
        else:
            yes = Yes(sent["digest"], sent["language"], sent["seen"], Surface.API, sent["despite_signal"])
            consent(vault, subject_id, offer_id, yes, house.notices)
    return _as_it_stands(house, subject_id, offer_id)


@views.post("/perks/<uuid:offer_id>/claim")
@operation(
    _step(
        "Claim what it gives: a code, or a sample", AddressUnfit, CodesGone, takes=ClaimSchema, address=None
    )
)
def claim_perk(offer_id: UUID) -> Response:
    house = this_house()
    subject_id, sent = signed_in(house).subject_id, body(ClaimSchema)
    with house.open_vault("subject") as vault:
        claim(vault, subject_id, offer_id, sent["address"])
    return _as_it_stands(house, subject_id, offer_id)


@views.post("/perks/<uuid:offer_id>/posts")
@operation(
    _step(
        "Hand in the post that was promised; its label is checked at once, and its words are not kept",
        PostUnfit,
        takes=SubmissionSchema,
        url="https://social.example/p/1",
        text="Anzeige: Saatgut von Rosengarten",
        platform="instagram",
        country="DE",
        language="de",
        format="post",
        frames=[],
        stays=False,
        platform_label=False,
    )
)
def hand_in_post(offer_id: UUID) -> Response:
    house = this_house()
    subject_id, sent = signed_in(house).subject_id, body(SubmissionSchema)
    said = {"frames": tuple(sent["frames"]), "language": Language(sent["language"])}
    with house.open_vault("subject") as vault:
        submit_post(vault, subject_id, offer_id, Submission(**sent | said))
    return _as_it_stands(house, subject_id, offer_id)


def _as_it_stands(house: House, subject_id: UUID, offer_id: UUID) -> Response:
    with house.open_reading_vault() as vault:
        return answer(say_opened(open_offer(vault, subject_id, offer_id)))
