"""The words of the points card: its own sentences, and the names every other sentence uses too."""

from functools import cache
from pathlib import Path

from explain.wording import Words

CATALOGS = Path(__file__).with_name("words")
CARD_CATALOGS = CATALOGS / "card"


@cache
def card_words() -> Words:
    """The sentences of the card itself."""
    return Words(CARD_CATALOGS)


@cache
def common_words() -> Words:
    """The names of criteria and networks, as everywhere else."""
    return Words(CATALOGS)
