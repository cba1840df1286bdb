"""What a person sees of offers and may do about each right now: the same for pages and API.

Whatever is possible stands in perks/life.py; here it is only asked, so that a page has no button, and the API
names no act, that would be refused. Everything is worked out for whoever looks and stored nowhere.

Without the consent to matching only the offers one takes part in are there, unjudged: what was claimed stays
within reach of its person, and so does the way out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from audit.entry import ActorRole
from consent.record import find_in_force
from explain.figure_sentences import say_answer
from explain.voice import Voice
from explain.wording import Language
from model.inputs import Criterion
from perks.claim import Claimed, claimed
from perks.eligibility import Code, Judgement, NearestChange, Reason
from perks.judgement import find_judgement
from perks.label.advice import WORDS as LABEL_WORDS
from perks.label.check import Outcome
from perks.label.rules import Rule, rules_of
from perks.life import Event, Overlay, State, possible
from perks.matching import is_gone, look, visible_offers
from perks.offer import PublishedOffer, find_published
from perks.participation import (
    MATCH,
    Participation,
    ParticipationStep,
    find_participation,
    overlays,
    participations_of,
    steps_of,
    taken,
)
from perks.post import KeptPost, posts_of
from vault.desk import Vault

TENS = 10


class Act(StrEnum):
    """What a person may do about an offer."""

    TAKE_PART = "take-part"
    RECHECK = "recheck"
    ASK_REVIEW = "ask-review"
    PREVIEW = "preview"
    DECIDE = "decide"  # yes or no to the values that were seen
    RENEW = "renew"  # yes to other values, or once more
    CLAIM = "claim"
    SUBMIT_POST = "submit-post"
    WITHDRAW = "withdraw"


_CAUSES = {
    Act.TAKE_PART: Event.OPT_IN,
    Act.RECHECK: Event.RECHECK,
    Act.ASK_REVIEW: Event.ASK_REVIEW,
    Act.PREVIEW: Event.PREVIEW,
    Act.DECIDE: Event.DECLINE,
    Act.CLAIM: Event.CLAIM,
    Act.SUBMIT_POST: Event.SUBMIT_POST,
    Act.WITHDRAW: Event.WITHDRAW,
}
_NEED_AN_OPEN_OFFER = frozenset({Act.TAKE_PART, Act.RECHECK, Act.PREVIEW, Act.DECIDE, Act.CLAIM})


@dataclass(frozen=True)
class SeenOffer:
    """One offer as one person sees it.

    judgement: None where matching is off. left: at least so many, in tens; None: nothing is left.
    """

    offer: PublishedOffer
    judgement: Judgement | None
    participation: Participation | None
    is_open: bool
    left: int | None
    acts: tuple[Act, ...]

    @property
    def state(self) -> State | None:
        """How the person's part in it stands."""
        return self.participation.state if self.participation is not None else None


@dataclass(frozen=True)
class CheckedPost:
    """A post that was handed in, with the rule its label was checked by."""

    post: KeptPost
    rule: Rule
    fix_hours: int


@dataclass(frozen=True)
class OpenedOffer:
    """One offer with all there is about one's own part in it."""

    seen: SeenOffer
    overlays: frozenset[Overlay]
    steps: Sequence[ParticipationStep]
    claimed: Claimed | None
    review: dict[str, Any] | None
    posts: tuple[CheckedPost, ...]


def is_matched(vault: Vault, subject_id: UUID) -> bool:
    """Whether the consent to matching is in force."""
    return find_in_force(vault, subject_id, MATCH) is not None


def seen_offers(vault: Vault, subject_id: UUID) -> tuple[SeenOffer, ...]:
    """Every offer a person sees: what they reach first, then what ends sooner."""
    if is_matched(vault, subject_id):
        return tuple(
            _seen(vault, one.offer, one.judgement, one.participation)
            for one in visible_offers(vault, subject_id)
        )
    return tuple(
        _seen(vault, find_published(vault, one.offer_id), None, one)
        for one in participations_of(vault, subject_id)
    )


def open_offer(vault: Vault, subject_id: UUID, offer_id: UUID) -> OpenedOffer:
    """One offer, for whoever may see it.

    Raises:
        OfferUnknown: none, or never published. ConsentMissing: matching is off, and they take no part in it.
        OfferNotOpen: it is over, and they take no part in it.
    """
    participation = find_participation(vault, subject_id, offer_id)
    if participation is not None and not is_matched(vault, subject_id):
        seen = _seen(vault, find_published(vault, offer_id), None, participation)
    else:
        one = look(vault, subject_id, offer_id)
        seen = _seen(vault, one.offer, one.judgement, one.participation)
    if participation is None:
        return OpenedOffer(seen, frozenset(), (), None, None, ())
    kept = find_judgement(vault, participation) or {}
    return OpenedOffer(
        seen=seen,
        overlays=overlays(vault, participation),
        steps=steps_of(vault, participation),
        claimed=claimed(vault, participation),
        review=kept.get("review"),
        posts=tuple(_checked(post) for post in posts_of(vault, participation)),
    )


def say_post(checked: CheckedPost, language: Language) -> tuple[str, ...]:
    """The verdict, the rule behind it, and what would do instead, in the words of perks/label."""
    post = checked.post
    said = (LABEL_WORDS.say(f"outcome.{post.outcome}", language), checked.rule.says[language])
    if post.outcome is Outcome.OK:
        return said
    return (*said, LABEL_WORDS.say("advice.post", language, label=post.suggestion))


def left_in_tens(vault: Vault, offer: PublishedOffer) -> int | None:
    """How many are left, rounded down to tens, so that nobody learns what one other person did."""
    left = offer.terms.quantity - taken(vault, offer.id)
    return None if left <= 0 else left // TENS * TENS


def reason_of(kept: Mapping[str, Any]) -> Reason:
    """A reason as it was sealed."""
    criterion = Criterion(kept["criterion"]) if kept["criterion"] is not None else None
    return Reason(Code(kept["code"]), criterion, kept["needed"], kept["has"])


def say_reason(reason: Reason, voice: Voice) -> dict[str, Any]:
    """The facts a sentence about a reason needs; the sentences lie in the words of the pages."""
    return {
        "criterion": voice.criterion(reason.criterion) if reason.criterion is not None else "",
        "needed": reason.needed or 0,
        "has": reason.has or 0.0,
    }


def say_change(change: NearestChange, judgement: Judgement, voice: Voice) -> tuple[str, ...]:
    """The nearest change, in the sentences of the explanation of the score."""
    asked = next(
        one for one in judgement.reasons if (one.code, one.criterion) == (change.code, change.criterion)
    )
    score = asked.needed if change.code is Code.SCORE else None
    return tuple(say_answer(change.criterion, change.answer, score or 0, voice))


def _checked(post: KeptPost) -> CheckedPost:
    rules = rules_of(post.country)
    return CheckedPost(post, next(rule for rule in rules.rules if rule.id == post.rule), rules.fix_hours)


def _seen(
    vault: Vault, offer: PublishedOffer, judgement: Judgement | None, participation: Participation | None
) -> SeenOffer:
    is_open = offer.is_open(vault.now().date()) and not is_gone(vault, offer)
    return SeenOffer(
        offer=offer,
        judgement=judgement,
        participation=participation,
        is_open=is_open,
        left=left_in_tens(vault, offer),
        acts=tuple(_acts(vault, participation, is_open=is_open, is_matched=judgement is not None)),
    )


def _acts(vault: Vault, participation: Participation | None, *, is_open: bool, is_matched: bool) -> list[Act]:
    if participation is None:
        return [Act.TAKE_PART] if is_open and is_matched else []
    events = possible(participation.state, ActorRole.SUBJECT)
    acts = [act for act, event in _CAUSES.items() if event in events]
    if Event.CONSENT in events and Act.DECIDE not in acts and participation.grant_number is not None:
        acts.insert(0, Act.RENEW)
    if participation.claimed_at is not None and Act.TAKE_PART in acts:
        acts.remove(Act.TAKE_PART)  # an offer is given once
    if not is_matched:
        acts = [act for act in acts if act not in (Act.TAKE_PART, Act.RECHECK, Act.RENEW)]
    if not is_open:
        acts = [act for act in acts if act not in _NEED_AN_OPEN_OFFER]
    if overlays(vault, participation):
        acts = [act for act in acts if act is Act.WITHDRAW]
    return acts
