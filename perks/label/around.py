"""The neighbourhood of a word: does it stand where a label stands, does something deny it. Short looks."""

from collections.abc import Sequence

from perks.label.reading import Kind, Token
from perks.label.vocabulary import grammar

_TRANSPARENT = frozenset("\"'„“”‚‘’«»‹›")  # a quoted word has to stand like a label all the same
_AFTER_OPENING = frozenset(",:!–—-")
TIGHT = frozenset("-‐‑")
_DASHES = TIGHT | frozenset("–—")  # “Anzeige – die ich …” goes on with the sentence
_BRACKETS = {"(": ")", "[": "]"}
_NOT_AFTER = frozenset("?&+=%°€$£*…")
_CLOSING = frozenset(":|–—•·~/]})►▶>")
_REACH = 8
_WORDS_TO_CLOSING = 4
_WORDS_IN_BRACKETS = 12
_WORDS_OF_DENIAL = 3


def lead(tokens: Sequence[Token], first: int) -> int | None:
    """The token a label's lead-in begins at (the label itself if it has none); None in mid-sentence.

    “Achtung, Werbung!” and “This post is an ad” lead in; “an ad” alone does not.
    """
    start = _sentence(tokens, first)
    if start is None:
        return None
    before = _back(tokens, start)
    if before > 0 and tokens[before].raw in _AFTER_OPENING:
        before -= 1
    opening = _is_word(tokens, before, grammar().openings) and _opens(tokens, _back(tokens, before))
    return before if opening else start


def _sentence(tokens: Sequence[Token], first: int) -> int | None:
    """Where the sentence that ends in the label begins, if it is one of those that only announce it."""
    small = grammar()
    at = _back(tokens, first)
    if _opens(tokens, at):
        return first
    while _is_word(tokens, at, small.articles):
        at = _back(tokens, at)
    subject = _back(tokens, at)
    if not _is_word(tokens, at, small.verbs) or not _is_word(tokens, subject, small.subjects):
        return None
    before = _back(tokens, subject)
    start = before if _is_word(tokens, before, small.determiners) else subject
    return start if _opens(tokens, _back(tokens, start)) else None


def _back(tokens: Sequence[Token], at: int) -> int:
    """The token before, past quotation marks."""
    at -= 1
    for _ in range(_REACH):
        if at >= 0 and tokens[at].kind is Kind.MARK and tokens[at].raw in _TRANSPARENT:
            at -= 1
    return at


def _opens(tokens: Sequence[Token], at: int) -> bool:
    """Whether what stands at `at` lets a new sentence, line or bracket begin after it."""
    if at < 0:
        return True
    token = tokens[at]
    if token.kind is Kind.WORD:
        return token.plain in grammar().openings
    if token.raw == ",":
        return _is_word(tokens, at - 1, grammar().openings)
    if token.raw in TIGHT and at + 1 < len(tokens) and token.end == tokens[at + 1].start:
        return at == 0 or tokens[at - 1].end < token.start
    return True


def _is_word(tokens: Sequence[Token], at: int, words: frozenset[str]) -> bool:
    return 0 <= at < len(tokens) and tokens[at].kind is Kind.WORD and tokens[at].plain in words


def is_followed_like_a_label(tokens: Sequence[Token], start: int, first: int, last: int) -> bool:
    """Whether the label ends here: a mark, line, account or tag follows, or “for …:”, or it shouts alone."""
    following = _skip_quotes(tokens, last + 1)
    if following >= len(tokens):
        return True
    token = tokens[following]
    if token.kind is Kind.MARK:
        return _mark_ends_it(tokens, following)
    if token.kind is not Kind.WORD:
        return True
    if token.plain in grammar().joints:
        return start < first or last > first or _closes_soon(tokens, following + 1)
    return _shouts(tokens[first].raw) and token.raw[0].isupper() and not _shouts(token.raw)


def _skip_quotes(tokens: Sequence[Token], at: int) -> int:
    for _ in range(_REACH):
        if at < len(tokens) and tokens[at].raw in _TRANSPARENT:
            at += 1
    return at


def _mark_ends_it(tokens: Sequence[Token], at: int) -> bool:
    mark, following = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else None
    touches = following is not None and mark.end == following.start
    if mark.raw == "*" and tokens[at - 1].end == mark.start:
        return True  # *Werbung*
    if mark.raw in _NOT_AFTER or (mark.raw == "." and touches and following and following.raw == "."):
        return False
    if mark.raw in _BRACKETS:
        return _bracket_ends_it(tokens, at)
    if following is None or following.kind is not Kind.WORD:
        return True
    if mark.raw == ",":
        return following.plain in grammar().reasons
    return not (mark.raw in _DASHES and (touches or following.plain in grammar().relatives))


def _bracket_ends_it(tokens: Sequence[Token], at: int) -> bool:
    """“Werbung (Produkt erhalten): …” is a label, “Anzeige (gegen Unbekannt) erstattet” is not."""
    for closing in range(at + 1, min(at + _WORDS_IN_BRACKETS, len(tokens))):
        if tokens[closing].raw in _BRACKETS.values():
            return closing + 1 == len(tokens) or tokens[closing + 1].kind is not Kind.WORD
    return False


def _closes_soon(tokens: Sequence[Token], at: int) -> bool:
    for token in tokens[at : at + _WORDS_TO_CLOSING + 1]:
        if token.kind is Kind.MARK:
            return token.raw in _CLOSING
        if token.kind is not Kind.WORD:
            return True
    return len(tokens) - at <= _WORDS_TO_CLOSING


def _shouts(word: str) -> bool:
    return len(word) > 1 and word.isupper()


def is_denied(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether the label is turned into its opposite: “keine Werbung”, “not an ad”, “Werbung, unbezahlt”."""
    small = grammar()
    at = _back_through_hyphens(tokens, first)
    for _ in range(_WORDS_OF_DENIAL):
        if _is_word(tokens, at, small.negators):
            return True
        if not _is_word(tokens, at, small.fillers):
            break
        at = _back_through_hyphens(tokens, at)
    return _is_taken_back(tokens, last + 1)


def _back_through_hyphens(tokens: Sequence[Token], at: int) -> int:
    at -= 1
    return at - 1 if at > 0 and tokens[at].raw in TIGHT | _TRANSPARENT else at


def _is_taken_back(tokens: Sequence[Token], at: int) -> bool:
    taking, before = grammar().after, ""
    for token in tokens[at : at + 2 * _WORDS_OF_DENIAL]:
        if token.kind is Kind.LINE or token.raw in {".", "!"}:
            return False
        if token.kind in {Kind.WORD, Kind.TAG}:
            if token.plain in taking or before + token.plain in taking:
                return True
            before = token.plain
    return False
