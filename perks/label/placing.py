"""Whether a label stands where it has to: in front of everything or at least of “more”, not in a cloud."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from perks.label.finding import Find
from perks.label.reading import Kind, Token
from perks.label.rules import catalog
from sources.activity import Platform

_CLOUD = 3  # so many hashtags, accounts or links in a row, and one among them is overlooked
_LINES_BEFORE = 2
_CHARACTERS_BEFORE = 40  # emojis and marks in front of a label, no more


@dataclass(frozen=True, slots=True)
class Fold:
    """How much of a caption is seen before “more”."""

    characters: int
    lines: int


def fold_of(platform: Platform) -> Fold:
    folds = catalog("platforms")
    return Fold(folds["characters"][platform.value], folds["lines"])


def in_cloud(tokens: Sequence[Token], finds: Sequence[Find]) -> set[int]:
    """The first tokens of those finds that are hashtags in a run of hashtags, accounts and links."""
    loose = {Kind.TAG, Kind.ACCOUNT, Kind.LINK}
    places = [
        at for at, token in enumerate(tokens) if token.kind is not Kind.LINE and token.raw not in ",·|•"
    ]
    crowded: set[int] = set()
    for is_loose, run in groupby(places, lambda at: tokens[at].kind in loose):
        members = list(run)
        if is_loose and len(members) >= _CLOUD:
            crowded.update(members)
    return {find.first for find in finds if find.first in crowded}


def is_first(tokens: Sequence[Token], finds: Sequence[Find], find: Find) -> bool:
    """Whether nothing but marks, two line ends and other labels stands before the find."""
    if tokens[find.lead].start > _CHARACTERS_BEFORE:
        return False
    labels = {at for other in finds for at in range(other.lead, other.last + 1)}
    before = [token for at, token in enumerate(tokens[: find.lead]) if at not in labels]
    lines = sum(token.kind is Kind.LINE for token in before)
    return lines <= _LINES_BEFORE and all(token.kind in {Kind.LINE, Kind.MARK} for token in before)


def is_early(tokens: Sequence[Token], find: Find, fold: Fold) -> bool:
    """Whether the find is seen without a tap on “more” and is not the end of the post."""
    if tokens[find.last].end > fold.characters:
        return False
    if tokens[find.first].kind is Kind.TAG and find.first and tokens[find.first - 1].kind is Kind.WORD:
        return False  # a word of the sentence: “that #ad with the otter”
    lines = sum(token.kind is Kind.LINE for token in tokens[: find.first])
    return lines < fold.lines and find.last < last_word(tokens)


def last_word(tokens: Sequence[Token]) -> int:
    """The last token that is a word; −1 if there is none."""
    return next((at for at in range(len(tokens) - 1, -1, -1) if tokens[at].kind is Kind.WORD), -1)
