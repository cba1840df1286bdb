"""The words of the points card itself; names of criteria and networks are those of every explanation."""

from functools import cache
from pathlib import Path

from explain.wording import Words

CARD_CATALOGS = Path(__file__).with_name("words")


@cache
def card_words() -> Words:
    """The sentences of the card."""
    return Words(CARD_CATALOGS)
