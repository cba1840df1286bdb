"""The rules behind the unit table; training only, the runtime reads the table out of the card.

A follower is a follower, and an act is an act: one for one, unless published figures show that on a network
the act comes more cheaply. Then it counts as much less, matched at the middle of comparable accounts:

    factor = response per post and follower on X  /  response per post and follower there,  at most 1

X: median over the training data's accounts of a million followers or more, the size of those published
elsewhere; two likes are assumed to one reshare, as for the curve (rules.py). Elsewhere: the medians of the
thousand largest creators of 2022 on each network. One significant digit, because no more is known: the
lists are of one year, the training data of another, and TikTok's list was chosen by views. Points follow
the logarithm, so a factor twice as large moves a score little; the model card says how much.

Sources: Kaggle, ramjasmaurya, top-1000-social-media-channels (2022; HypeAuditor's public lists), and the
training data's own columns. A test computes both again where the files are at hand.
"""

from collections.abc import Mapping
from typing import Any

from model.inputs import Criterion
from model.training.rules import LIKES_PER_RESHARE
from model.units import Figure, SetBy
from sources.activity import Platform

UNIT_TABLE_VERSION = 2

AUDIENCE, RECOGNITION = Criterion.AUDIENCE, Criterion.RECOGNITION
CONVERSATION, AMPLIFICATION = Criterion.CONVERSATION, Criterion.AMPLIFICATION
APPRECIATION, CONSISTENCY = Criterion.APPRECIATION, Criterion.CONSISTENCY

# What each network calls what a criterion counts; a criterion left out is one the network has no figure for.
FIGURES: Mapping[Platform, Mapping[Criterion, Figure]] = {
    Platform.X: {
        AUDIENCE: Figure.FOLLOWERS,
        RECOGNITION: Figure.LISTS,
        CONVERSATION: Figure.REPLIES,
        AMPLIFICATION: Figure.RESHARES,
        APPRECIATION: Figure.LIKES,
    },
    Platform.MASTODON: {
        AUDIENCE: Figure.FOLLOWERS,
        CONVERSATION: Figure.REPLIES,
        AMPLIFICATION: Figure.BOOSTS,
        APPRECIATION: Figure.FAVOURITES,
    },
    Platform.BLUESKY: {
        AUDIENCE: Figure.FOLLOWERS,
        RECOGNITION: Figure.LISTS,
        CONVERSATION: Figure.REPLIES,
        AMPLIFICATION: Figure.REPOSTS,
        APPRECIATION: Figure.LIKES,
    },
    Platform.GITHUB: {
        AUDIENCE: Figure.FOLLOWERS,
        RECOGNITION: Figure.STARS,
        AMPLIFICATION: Figure.FORKS,
    },
    Platform.YOUTUBE: {
        AUDIENCE: Figure.SUBSCRIBERS,
        CONVERSATION: Figure.COMMENTS,
        APPRECIATION: Figure.LIKES,
    },
    Platform.TIKTOK: {
        AUDIENCE: Figure.FOLLOWERS,
        CONVERSATION: Figure.COMMENTS,
        AMPLIFICATION: Figure.SHARES,
        APPRECIATION: Figure.LIKES,
    },
    Platform.INSTAGRAM: {
        AUDIENCE: Figure.FOLLOWERS,
        CONVERSATION: Figure.COMMENTS,
        AMPLIFICATION: Figure.SHARES,
        APPRECIATION: Figure.LIKES,
    },
    Platform.REDDIT: {
        AUDIENCE: Figure.FOLLOWERS,
        CONVERSATION: Figure.COMMENTS,
        APPRECIATION: Figure.UPVOTES,
    },
    Platform.LINKEDIN: {
        AUDIENCE: Figure.CONNECTIONS,
        RECOGNITION: Figure.ENDORSEMENTS,
    },
}

_RESHARES_ON_X = 6.4e-5
RATES_ON_X = {
    CONVERSATION: 2.2e-4,
    AMPLIFICATION: _RESHARES_ON_X,
    APPRECIATION: LIKES_PER_RESHARE * _RESHARES_ON_X,
}
MATCHED_FOLLOWERS = 1_000_000
# Median response per post, over the median number of followers.
PUBLISHED_RATES: Mapping[Platform, Mapping[Criterion, float]] = {
    Platform.INSTAGRAM: {APPRECIATION: 484_000 / 14_700_000},
    Platform.TIKTOK: {
        CONVERSATION: 1_600 / 4_200_000,
        AMPLIFICATION: 1_400 / 4_200_000,
        APPRECIATION: 266_000 / 4_200_000,
    },
    Platform.YOUTUBE: {CONVERSATION: 286 / 14_200_000, APPRECIATION: 5_000 / 14_200_000},
}


def unit_table() -> dict[str, Any]:
    """The unit table in its JSON form, every network and every figure it has."""
    return {
        "version": UNIT_TABLE_VERSION,
        "networks": {
            platform.value: {
                criterion.value: _unit(platform, criterion, figure)
                for criterion, figure in _with_weeks(figures).items()
            }
            for platform, figures in FIGURES.items()
        },
    }


def _with_weeks(figures: Mapping[Criterion, Figure]) -> Mapping[Criterion, Figure]:
    """Weeks with a response can be counted wherever a response can."""
    answers = {CONVERSATION, AMPLIFICATION, APPRECIATION} & set(figures)
    return {**figures, CONSISTENCY: Figure.WEEKS} if answers else figures


def _unit(platform: Platform, criterion: Criterion, figure: Figure) -> dict[str, Any]:
    published = PUBLISHED_RATES.get(platform, {}).get(criterion)
    if published is None:
        return {"figure": figure.value, "factor": 1.0, "set_by": SetBy.ONE_FOR_ONE.value}
    factor = min(1.0, float(f"{RATES_ON_X[criterion] / published:.0e}"))
    return {"figure": figure.value, "factor": factor, "set_by": SetBy.MATCHED.value}
