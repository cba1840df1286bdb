"""What went before a score: the last other one that may still be read, and the consents that ended since.

A score that rested on a withdrawn consent is gone, and nothing here brings its numbers back: what is known
of it is what the consent history says, the network and the day.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from consent.gate import permits_in_force
from consent.purpose import Purpose, Scope
from consent.record import Decision, history
from explain.changes import changes
from explain.explanation import Ending, Past, PastStatus
from model.card import PointsCard
from model.score import open_parts, readable_scores
from model.scoring import ScoreResult, result_from_json
from sources.activity import Platform
from vault.desk import Vault
from vault.permit import Permit

_ENDINGS = frozenset({Decision.WITHDRAWN, Decision.EXPIRED, Decision.REVOKED, Decision.INVALIDATED})


def find_past(
    vault: Vault,
    subject_id: UUID,
    newest: ScoreResult,
    card: PointsCard,
    permits: Mapping[Scope, Permit] | None = None,
) -> Past:
    """What to say about the time before the newest score.

    Args:
        card: the card of the newest score.
        permits: what may be opened; by default what a consent is in force for.
    """
    if permits is None:
        permits = permits_in_force(vault, subject_id, Purpose.SCORE_COMPUTE)
    earlier = readable_scores(vault, subject_id, permits)[1:]
    for score in earlier:
        parts = open_parts(vault, permits, score)
        if (parts["model"], parts["features"]) != (newest.model, newest.features):
            since = score.computed_at
            made = changes(result_from_json(parts), newest, card)
            return Past(PastStatus.CHANGED, since.date(), made, _endings(vault, subject_id, since))
    endings = _endings(vault, subject_id, None)
    if earlier:
        return Past(PastStatus.UNCHANGED, endings=endings)
    return Past(PastStatus.UNREADABLE if endings else PastStatus.FIRST, endings=endings)


def _endings(vault: Vault, subject_id: UUID, since: datetime | None) -> tuple[Ending, ...]:
    """The last end of each network's consent, by day."""
    ended: dict[Platform, Ending] = {}
    for record in history(vault, subject_id):
        is_end = record.purpose is Purpose.SCORE_COMPUTE and record.decision in _ENDINGS
        if is_end and (since is None or record.decided_at > since):
            platform, is_withdrawn = Platform(record.about), record.decision is Decision.WITHDRAWN
            ended[platform] = Ending(platform, record.decided_at.date(), is_withdrawn)
    return tuple(sorted(ended.values(), key=lambda one: (one.ended_on, one.platform)))
