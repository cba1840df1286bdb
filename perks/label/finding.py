"""Where a text holds a label, something like one, or its denial; whether that is enough is said in check.py.

A word such as “Anzeige” is a label only where a label stands: at the start of a text, line, sentence or
bracket (or after “this post is an”), and followed by a mark, a line end, an account or a hashtag. Elsewhere
it is a word of the sentence: somebody filed a complaint, or an advertisement was on television. A hashtag
always counts. Each look around is bounded, so the whole is linear in the length of the text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from perks.label.around import TIGHT, is_denied, is_followed_like_a_label, lead
from perks.label.reading import Kind, Token
from perks.label.rules import Rule
from perks.label.vocabulary import ACCOUNT, GAP, Phrase, Vocabulary, grammar

_GAP_WORDS = 6
_LONG_ENOUGH = 6  # a shorter label inside a hashtag is chance: “#roadtrip” holds “ad”
_CAMEL_AD = re.compile(r"(?<=[a-z0-9])(?:Ad|AD|Advert)$")


class Standing(StrEnum):
    """What was found."""

    SUFFICES = "suffices"
    FALLS_SHORT = "falls short"
    DISGUISED = "disguised"
    IN_HASHTAG = "in hashtag"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Find:
    """One find: tokens `first` to `last`, led in from `lead`; `rule` says why a wording falls short."""

    standing: Standing
    lead: int
    first: int
    last: int
    rule: Rule | None


def find(tokens: Sequence[Token], words: Vocabulary) -> list[Find]:
    """All finds of a text, in order; none overlaps another."""
    finds: list[Find] = []
    index = 0
    while index < len(tokens):
        found = _at(tokens, index, words)
        if found is not None:
            finds.append(found)
        index = found.last + 1 if found is not None else index + 1
    return finds


def _at(tokens: Sequence[Token], index: int, words: Vocabulary) -> Find | None:
    token = tokens[index]
    if token.kind is Kind.TAG:
        return _tag(tokens, index, words)
    if token.kind is Kind.WORD:
        for phrase in words.by_first.get(token.plain, ()):
            last = _match(tokens, index, phrase)
            found = None if last is None else _phrase(tokens, index, last, phrase)
            if found is not None:
                return found
    return None


def _match(tokens: Sequence[Token], index: int, phrase: Phrase) -> int | None:
    """The last token of a phrase that begins at `index`."""
    for at, word in enumerate(phrase.plain):
        if word == GAP:
            return _match_after_gap(tokens, index, phrase.plain[at + 1 :])
        if at and _is_joint(tokens, index):
            index += 1
        if index >= len(tokens) or not _is(tokens[index], word):
            return None
        index += 1
    return index - 1


def _match_after_gap(tokens: Sequence[Token], index: int, rest: Sequence[str]) -> int | None:
    for start in range(index, min(index + _GAP_WORDS + 1, len(tokens))):
        window = tokens[start : start + len(rest)]
        if len(window) == len(rest) and all(map(_is, window, rest)):
            return start + len(rest) - 1
        if tokens[start].kind not in {Kind.WORD, Kind.ACCOUNT, Kind.TAG}:
            return None
    return None


def _is_joint(tokens: Sequence[Token], at: int) -> bool:
    """A hyphen inside a compound, as in PR-Sample."""
    if not 0 < at < len(tokens) - 1 or tokens[at].raw not in TIGHT:
        return False
    return tokens[at - 1].end == tokens[at].start and tokens[at].end == tokens[at + 1].start


def _is(token: Token, word: str) -> bool:
    return token.kind is Kind.ACCOUNT if word == ACCOUNT else token.kind is Kind.WORD and token.plain == word


def _phrase(tokens: Sequence[Token], first: int, last: int, phrase: Phrase) -> Find | None:
    if phrase.deniable and is_denied(tokens, first, last):
        return Find(Standing.DENIED, first, first, last, None)
    start = first if phrase.anywhere else lead(tokens, first)
    if start is None or not (phrase.anywhere or is_followed_like_a_label(tokens, start, first, last)):
        return None
    shown = [token.shown for token in tokens[first : last + 1] if token.kind is not Kind.MARK]
    gaps = {ACCOUNT, GAP} & set(phrase.plain)
    return Find(_standing(phrase, bool(gaps) or shown == list(phrase.shown)), start, first, last, phrase.rule)


def _standing(phrase: Phrase, plainly: bool) -> Standing:
    if not plainly:
        return Standing.DISGUISED
    return Standing.SUFFICES if phrase.suffices else Standing.FALLS_SHORT


def _tag(tokens: Sequence[Token], index: int, words: Vocabulary) -> Find | None:
    token = tokens[index]
    phrase = words.by_tag.get(token.plain)
    if phrase is not None:
        if phrase.deniable and is_denied(tokens, index, index):
            return Find(Standing.DENIED, index, index, index, None)
        plainly = token.shown == "".join(phrase.shown)
        return Find(_standing(phrase, plainly), index, index, index, phrase.rule)
    if _denies(token.plain, words):
        return Find(Standing.DENIED, index, index, index, None)
    rule = _part(token.plain, words)
    if rule is not None:
        return Find(Standing.FALLS_SHORT, index, index, index, rule)
    if _holds_a_label(token, words):
        return Find(Standing.IN_HASHTAG, index, index, index, None)
    return None


def _part(body: str, words: Vocabulary) -> Rule | None:
    """The rule for a hashtag that begins or ends like a vague word: #thankstolumora, #lumorapartner."""
    for length in range(2, min(words.longest_part, len(body)) + 1):
        rule = words.beginnings.get(body[:length]) or words.endings.get(body[-length:])
        if rule is not None:
            return rule
    return None


def _denies(body: str, words: Vocabulary) -> bool:
    """Whether a hashtag is a denial in one word: #notanad, #keinewerbung, #unbezahlt."""
    small = grammar()
    for negator in small.negators:
        rest = body.removeprefix(negator)
        if rest == body:
            continue
        for filler in ("", *small.fillers):
            phrase = words.by_tag.get(rest.removeprefix(filler)) if rest.startswith(filler) else None
            if phrase is not None and phrase.deniable:
                return True
    return body in small.after


def _holds_a_label(token: Token, words: Vocabulary) -> bool:
    if token.plain in grammar().innocent:
        return False
    if _CAMEL_AD.search(token.raw):
        return True
    return any(
        phrase.deniable and len(label) >= _LONG_ENOUGH and label in token.plain
        for label, phrase in words.by_tag.items()
    )
