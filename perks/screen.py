"""The screen an offer passes before it is published: no sensitive targeting, no children, no third persons.

Every word a brand wrote is looked at, in both languages. The first that may not stand there is named, with
its field and why, so that whoever wrote it can change it. A list of words knows no context: it holds back too
much rather than too little, and there is no way around it for anybody.

Source: GDPR Art. 9(1); DSA Art. 26(3), 28(2); CJEU C-492/23 (Russmedia): who runs a place for advertisements
looks before publication whether they hold sensitive data, and of whom.
"""

import re
import shlex
import tomllib
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from perks.errors import OfferScreened
from perks.offer_terms import OfferTerms

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
# What names a person or leads to one: nothing shows that they were asked.
_NAMING = {
    "email": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "handle": re.compile(r"(?<![\w/])@[\w.-]{2,}"),
    # Days are no numbers to call: 2026-12-31, 31.12.2026.
    "phone": re.compile(
        r"(?<![\w.,])(?!\d{4}-\d\d-\d\d(?!\d)|\d{1,2}\.\d{1,2}\.\d{2,4}(?!\d))"
        r"(?:\+|00)?\d(?:[ ()/.-]{0,2}\d){7,14}(?!\w)"
    ),
    "title": re.compile(r"\b(?:Mr|Mrs|Ms|Herrn?|Frau)\.? +(?:Dr\. +|Prof\. +)*[A-ZÄÖÜ][\w-]+", re.UNICODE),
}


_LINK = re.compile(r"(?:https?://|www\.)[^\s<>()“”\"]+", re.IGNORECASE)


_LISTED = tomllib.loads(Path(__file__).with_name("screen.toml").read_text(encoding="utf-8"))
REASONS = (*_LISTED, *_NAMING, "link")


def screen(terms: OfferTerms, domain: str) -> None:
    """Refuse an offer whose words aim at somebody they may not aim at.

    Args:
        domain: the brand's own, the only one that links may lead to.

    Raises:
        OfferScreened: with the word, its field and the reason.
    """
    for field, said in _written(terms):
        screen_text(said, field, domain)


def screen_text(said: str, field: str, domain: str) -> None:
    """Refuse one text; in a field that ends in “.en” nothing is read as German.

    Raises:
        OfferScreened: with the word as it stands there.
    """
    # An invisible sign inside a word would hide it from the list and from nobody's eyes.
    plain = "".join(
        sign for sign in unicodedata.normalize("NFKC", said) if unicodedata.category(sign) != "Cf"
    )
    for link in (found.rstrip(".,;:!?)'") for found in _LINK.findall(plain)):
        if not _is_at(link, domain):
            raise OfferScreened(link, field, "link")
    for reason, pattern in _NAMING.items():
        if found := pattern.search(plain):
            raise OfferScreened(found[0], field, reason)
    for reason, pattern in _words(with_german=not field.endswith(".en")):
        for form in (plain.casefold(), _folded(plain)):
            if found := pattern.search(form):
                raise OfferScreened(found[0], field, reason)


def _written(terms: OfferTerms) -> Iterator[tuple[str, str]]:
    for name in ("title", "text", "redeem"):
        wording = getattr(terms, name)
        yield f"{name}.en", wording.en
        yield f"{name}.de", wording.de
    yield "payer", terms.payer
    yield "on_behalf_of", terms.on_behalf_of
    for clause in terms.label:
        yield f"label.{clause.platform}.{clause.country}", clause.wording


def _is_at(link: str, domain: str) -> bool:
    try:
        host = urlsplit(link if "://" in link else f"https://{link}").hostname or ""
    except ValueError:
        return False
    return host == domain or host.endswith(f".{domain}")


@cache
def _words(*, with_german: bool) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (reason, _pattern(shlex.split(each["words"] + " " + (each.get("de", "") if with_german else ""))))
        for reason, each in _LISTED.items()
    )


def _pattern(words: list[str]) -> re.Pattern[str]:
    forms = {form for word in words for form in (word.casefold(), _folded(word))}
    return re.compile("|".join(_one(form) for form in sorted(forms, key=lambda form: (-len(form), form))))


def _one(word: str) -> str:
    """A word as a pattern: a blank or hyphen in it stands for any of both, or none where it was a hyphen."""
    starts = r"[\w-]*" if word.startswith("*") else ""
    ends = r"[\w-]*" if word.endswith("*") else ""
    inner = r"[\s-]+".join(re.escape(part) for part in word.strip("*").split())
    return rf"(?<!\w){starts}{inner.replace(re.escape('-'), '[ -]?')}{ends}(?!\w)"


def _folded(said: str) -> str:
    """Lower case, umlauts written out, accents gone."""
    spread = unicodedata.normalize("NFKD", said.casefold().translate(_UMLAUTS))
    return "".join(sign for sign in spread if not unicodedata.combining(sign))
