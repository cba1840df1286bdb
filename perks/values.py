"""What a brand may get of a person, value by value, exactly as it will be sent.

Bands instead of counts, the person's own words instead of guesses; made from what they are shown and from
nothing else. The same values are previewed, agreed to, sealed and handed over (handover.py).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import fsum
from uuid import UUID

from consent.gate import permits_in_force, require_permit
from consent.part import SharedField
from consent.purpose import Purpose, score_scope
from explain.report import score_report
from model.inputs import Criterion
from model.scoring import ScoreResult, is_usable
from perks.participation import MATCH
from perks.profile import PerkProfile, read_profile
from vault.desk import Vault
from vault.permit import Permit

BAND_WIDTH = 10
_AUDIENCES = (0, 100, 1_000, 10_000, 100_000, 1_000_000)
_OF_THE_SCORE = frozenset(
    {
        SharedField.SCORE_BAND,
        SharedField.SCORE,
        SharedField.PLATFORM_SCORES,
        SharedField.AUDIENCE_BAND,
    }
)


@dataclass(frozen=True)
class Values:
    """Values ready to be agreed to.

    lacking: fields that were asked for and that there is nothing for yet, or only old figures.
    rests_on: permits of the networks whose figures are in it.
    """

    values: Mapping[SharedField, str]
    lacking: tuple[SharedField, ...]
    rests_on: tuple[Permit, ...]


def values_of(vault: Vault, subject_id: UUID, fields: Collection[SharedField]) -> Values:
    """The present values of the fields an offer asks for.

    Raises:
        ConsentMissing: matching was not agreed to.
    """
    profile = read_profile(vault, require_permit(vault, subject_id, MATCH))
    scoring = permits_in_force(vault, subject_id, Purpose.SCORE_COMPUTE)
    report = score_report(vault, subject_id, scoring)
    result = report.result if report is not None and not report.is_empty else None
    if result is not None and not is_usable(result, vault.now().date()):
        result = None  # nobody decides on old figures (Art. 5(1)(d))
    found = _of_the_profile(profile) | (_of_the_score(result) if result is not None else {})
    values = {field: found[field] for field in sorted(fields) if found.get(field)}
    from_score = result is not None and not _OF_THE_SCORE.isdisjoint(values)
    networks = result.networks if result is not None and from_score else ()
    return Values(
        values=values,
        lacking=tuple(field for field in sorted(fields) if field not in values),
        rests_on=tuple(scoring[score_scope(one.platform)] for one in networks),
    )


def score_band(score: int) -> str:
    """The band of ten points a score lies in: 1-10, 11-20, … 91-100."""
    low = (score - 1) // BAND_WIDTH * BAND_WIDTH + 1
    return f"{low}-{low + BAND_WIDTH - 1}"


def audience_band(followers: float) -> str:
    """The rough size of an audience, in powers of ten."""
    at = max(index for index, least in enumerate(_AUDIENCES) if followers >= least)
    if at == len(_AUDIENCES) - 1:
        return f"{_AUDIENCES[at]}+"
    return f"{_AUDIENCES[at]}-{_AUDIENCES[at + 1] - 1}"


def _of_the_profile(profile: PerkProfile) -> dict[SharedField, str]:
    handles = (f"{platform.value}: {handle}" for platform, handle in sorted(profile.handles.items()))
    return {
        SharedField.DISPLAY_NAME: profile.display_name or "",
        SharedField.HANDLES: ", ".join(handles),
        SharedField.NICHES: ", ".join(sorted(profile.niches)),
    }


def _of_the_score(result: ScoreResult) -> dict[SharedField, str]:
    followers = [one.inputs.values[Criterion.AUDIENCE] for one in result.networks]
    known = [count for count in followers if count is not None]
    networks = sorted(result.networks, key=lambda one: one.platform.value)
    return {
        SharedField.SCORE_BAND: score_band(result.score),
        SharedField.SCORE: str(result.score),
        SharedField.PLATFORM_SCORES: ", ".join(f"{one.platform.value}: {one.score}" for one in networks),
        SharedField.AUDIENCE_BAND: audience_band(fsum(known)) if known else "",
    }
