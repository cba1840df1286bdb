"""Invented people for properties: one to three networks, any figure given, missing or 0."""

from typing import Any

from hypothesis import strategies as st

from model.card import PointsCard, card_from_bytes, load_card
from model.inputs import Criterion
from sources.activity import ActivityRecord, Platform
from tests.model.making import changed_card, record, week

CARD = load_card()
RESPONSES = {
    "likes_received": Criterion.APPRECIATION,
    "reshares_received": Criterion.AMPLIFICATION,
    "replies_received": Criterion.CONVERSATION,
}
COUNTS = st.one_of(st.integers(0, 50), st.integers(0, 10**6))


@st.composite
def one_record(draw: st.DrawFn, platform: Platform) -> ActivityRecord:
    """A record of one network, with figures only where the network has such."""
    has = CARD.units.networks[platform]

    def figure(criterion: Criterion) -> int | None:
        return draw(st.none() | COUNTS) if criterion in has else None

    given = [name for name, criterion in RESPONSES.items() if criterion in has and draw(st.booleans())]
    ago = draw(st.lists(st.integers(0, 51), max_size=6, unique=True))
    weeks = [week(one, **{name: draw(COUNTS) for name in given}) for one in ago]
    return record(platform, weeks, followers=figure(Criterion.AUDIENCE), listed=figure(Criterion.RECOGNITION))


@st.composite
def some_records(draw: st.DrawFn) -> list[ActivityRecord]:
    """One person's networks."""
    platforms = draw(st.lists(st.sampled_from(list(Platform)), min_size=1, max_size=3, unique=True))
    return [draw(one_record(platform)) for platform in platforms]


def other_card() -> PointsCard:
    """A card whose curves bend elsewhere, and on which a like counts twice."""

    def bend(document: dict[str, Any]) -> None:
        for row in document["criteria"][1:]:  # the audience keeps to its five points
            points = row["points"]
            points[1] = round((points[0] + points[2]) / 2, 2)
        for units in document["units"]["networks"].values():
            if "appreciation" in units:
                units["appreciation"]["factor"] *= 2

    return card_from_bytes(changed_card(bend))
