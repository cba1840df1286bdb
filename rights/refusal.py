"""A refusal and its letter: what must stand in it, in the person's language; pure (GDPR Art. 12(4)).

Effort, pseudonymised data, “it stands in the notice”, trade secrets and the motive of a request are no
reasons, and so are not on the list. The codes of Art. 12 and 17 follow the justifications of the W3C Data
Privacy Vocabulary; that a figure is right, and that an objection is outweighed, are our own.
"""

from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from consent.controller import Authority
from explain.wording import Language, Words
from rights.errors import RefusalIncomplete
from rights.request import Right

WORDS = Words(Path(__file__).parent / "words")


class RefusalReason(StrEnum):
    """What the law accepts as a reason."""

    IDENTITY_FAILURE = "A12-identity-failure"
    MANIFESTLY_UNFOUNDED = "A12-manifestly-unfounded"
    MANIFESTLY_EXCESSIVE = "A12-manifestly-excessive"
    LEGAL_CLAIMS = "A17-legal-claims"
    LEGALLY_REQUIRED = "A17-legally-required"
    ACCURATE = "A16-accurate"  # the figure is right as it stands
    COMPELLING = "A21-compelling-grounds"  # only by way of an override (rights/objection.py)


ONLY_FOR = {
    RefusalReason.LEGAL_CLAIMS: Right.ERASURE,
    RefusalReason.LEGALLY_REQUIRED: Right.ERASURE,
    RefusalReason.ACCURATE: Right.RECTIFICATION,
    RefusalReason.COMPELLING: Right.OBJECTION,
}


@dataclass(frozen=True)
class Refusal:
    """The slots of a refusal.

    part: what cannot be done; fact: what is so that it cannot; rest: what was done, empty if nothing was.
    """

    reason: RefusalReason
    part: str
    fact: str
    authority_name: str
    authority_url: str
    remedy: str
    rest: str = ""

    def require_complete(self, right: Right) -> None:
        """Refuse what lacks a slot, or a reason that is none for this right.

        Raises:
            RefusalIncomplete: the slots are named.
        """
        empty = {name for name, value in asdict(self).items() if name != "rest" and not value.strip()}
        if urlsplit(self.authority_url).scheme not in ("http", "https"):
            empty.add("authority_url")
        if ONLY_FOR.get(self.reason, right) is not right:
            empty.add("reason")
        if empty:
            raise RefusalIncomplete(empty)


def reasons_for(right: Right) -> list[RefusalReason]:
    """What may be a reason against a right, an override aside."""
    return [
        one
        for one in RefusalReason
        if one is not RefusalReason.COMPELLING and ONLY_FOR.get(one, right) is right
    ]


def overriding(grounds: str, authority: Authority, language: str) -> Refusal:
    """The refusal that an override of an objection is; its grounds are the fact it rests on."""
    spoken = Language(language)
    return Refusal(
        reason=RefusalReason.COMPELLING,
        part=WORDS.say("letter.override", spoken),
        fact=grounds,
        authority_name=authority.name,
        authority_url=authority.url,
        remedy=standard_remedy(language),
    )


def standard_remedy(language: str) -> str:
    """What one can do against a refusal beside a complaint."""
    return WORDS.say("letter.remedy", Language(language))


def letter(refusal: Refusal, right: Right, received_on: date, language: str) -> str:
    """The refusal as the person reads it, one paragraph a line."""
    spoken = Language(language)
    paragraphs = [
        WORDS.say("letter.received", spoken, right=WORDS.say(f"right.{right}", spoken), day=received_on),
        WORDS.say(
            "letter.refused",
            spoken,
            part=refusal.part,
            fact=refusal.fact,
            article=WORDS.say(f"article.{refusal.reason}", spoken),
        ),
        *([WORDS.say("letter.rest", spoken, rest=refusal.rest)] if refusal.rest.strip() else []),
        refusal.remedy,
        WORDS.say("letter.authority", spoken, authority=refusal.authority_name, url=refusal.authority_url),
        WORDS.say("letter.free", spoken),
    ]
    return "\n".join(paragraphs)


def letter_not_held(language: str, authority_name: str, authority_url: str) -> str:
    """What somebody is answered whose address belongs to nobody here; no row is made for it."""
    spoken = Language(language)
    return "\n".join(
        (
            WORDS.say("letter.not_held", spoken),
            WORDS.say("letter.authority", spoken, authority=authority_name, url=authority_url),
            WORDS.say("letter.free", spoken),
        )
    )
