"""A score as others may be shown it: field by field, and never more than a field says.

Which fields somebody sees is decided by their person (consent/); this only says what stands in each.
"""

from collections.abc import Mapping

from consent.notice import NAMES
from consent.part import SharedField
from model.scoring import ScoreResult

BAND = 10  # points


def shown_fields(result: ScoreResult) -> Mapping[SharedField, str]:
    """What each field made from a score says, in the words of no language."""
    return {
        SharedField.SCORE_BAND: score_band(result.score),
        SharedField.SCORE: str(result.score),
        SharedField.PLATFORM_SCORES: ", ".join(
            f"{NAMES[one.platform]}: {one.score}" for one in result.networks
        ),
    }


def score_band(score: int) -> str:
    """The ten points a score lies in: 1-10, 11-20, … 91-100."""
    lowest = (score - 1) // BAND * BAND + 1
    return f"{lowest}-{lowest + BAND - 1}"
