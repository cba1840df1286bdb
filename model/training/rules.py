"""What was decided about the card, not learned: shares, limits, and the two ruled curves.

The reasons are in docs/decisions. The runtime never reads this file; it reads the card made from it.
The units of the networks: unit_rules.py.

    of 99 points: 74 learned, no learned criterion above 20; appreciation 15 and consistency 10 by rule
    ten times the followers: below 5 points, fitted with a margin for the rounding to hundredths
    learned curves are concave in ln(1 + input): more of the same earns less, which a burst of bought
    response feels first

Appreciation has the shape of amplification with two likes to one reshare. Consistency is in proportion to
the weeks, at its knots. PeerIndex never said what one unit of its decayed volumes is; accounts there post
1.3 units in the median and 43 at the 99th percentile, which is credible a day and not a week. So one unit
is assumed to be one act a day, seven a week. Another unit moves everyone's points and hardly the AUC
(0.856 for one a week as well), so no judgement can tell which is right.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from model.inputs import WINDOW_WEEKS, Criterion

CARD_VERSION = "2"
LEARNED_POINTS = 74.0
LEARNED_CAPS = {
    Criterion.AUDIENCE: 20.0,
    Criterion.RECOGNITION: 20.0,
    Criterion.CONVERSATION: 20.0,
    Criterion.AMPLIFICATION: 20.0,
}
APPRECIATION_POINTS = 15.0
LIKES_PER_RESHARE = 2.0
CONSISTENCY_POINTS = 10.0
CONSISTENCY_KNOTS = (0.0, 4.0, 13.0, 26.0, 39.0, float(WINDOW_WEEKS))
FITTED_TENFOLD_POINTS = 4.95

KNOT_LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9, 0.97)
KNOT_DIGITS = 1
RIDGE = 1e-3
SEED = 2026
REFITS = 60
BAND_LEVEL = 0.9
SETTLED_POSTS = 30
REFERENCE_ROWS = 20
SPLITS = 15
TEST_SHARE = 0.3
FEWEST_ACCOUNTS = 100


@dataclass(frozen=True, slots=True)
class Column:
    """Where a learned criterion comes from: a PeerIndex column, its floor, and our unit per unit of it."""

    name: str
    floor: float
    unit: float


PEERINDEX_NONE_SEEN = 0.1006  # the files write "none seen" as 0.1005...; the next value is above 0.26
PEERINDEX_PER_WEEK = 7.0

LEARNED_COLUMNS: Mapping[Criterion, Column] = {
    Criterion.AUDIENCE: Column("follower_count", 0.0, 1.0),
    Criterion.RECOGNITION: Column("listed_count", 0.0, 1.0),
    Criterion.CONVERSATION: Column("mentions_received", PEERINDEX_NONE_SEEN, PEERINDEX_PER_WEEK),
    Criterion.AMPLIFICATION: Column("retweets_received", PEERINDEX_NONE_SEEN, PEERINDEX_PER_WEEK),
}

RULES = {
    Criterion.APPRECIATION: (
        "The learned curve of amplification, two likes counting as one reshare, scaled to 15 points."
    ),
    Criterion.CONSISTENCY: (
        "In proportion to the weeks with a response at 4, 13, 26, 39 and 52 weeks; 10 points for all 52."
    ),
}
