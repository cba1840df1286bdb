"""A refusal and its letter: what must stand in it, in the person's language; pure (GDPR Art. 12(4)).

Effort, pseudonymised data, “it stands in the notice”, trade secrets and the motive of a request are no
reasons, and so are not on the list. The codes are those of the W3C Data Privacy Vocabulary's EU-GDPR
justifications, without their prefix.
"""

from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

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


ERASURE_ONLY = frozenset({RefusalReason.LEGAL_CLAIMS, RefusalReason.LEGALLY_REQUIRED})


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
        if self.reason in ERASURE_ONLY and right is not Right.ERASURE:
            empty.add("reason")
        if empty:
            raise RefusalIncomplete(empty)


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
