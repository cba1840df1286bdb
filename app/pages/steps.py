"""The next step of somebody without a score: what is missing, in the order in which it is needed."""

from enum import StrEnum
from uuid import UUID

from app.consents import consent_states, may_be_asked
from app.current import house
from app.imports import imports, is_scoring
from app.jobs import JobState
from app.language import language
from consent.purpose import Purpose


class Step(StrEnum):
    """What has to happen before there is a score."""

    CONSENT = "consent"
    RESTING = "resting"  # nothing: the person said no, and is not asked again for a while
    IMPORT = "import"
    WAIT = "wait"


def next_step(subject_id: UUID) -> Step:
    """What the person does next; wait, where the service is at work."""
    unfinished = (JobState.QUEUED, JobState.RUNNING)
    if is_scoring(house(), subject_id) or any(
        job.state in unfinished for job in imports(house(), subject_id)
    ):
        return Step.WAIT
    with house().open_reading_vault() as vault:
        states = consent_states(vault, subject_id, language(), house().notices)
        if any(state.is_in_force for state in states if state.scope.purpose is Purpose.SCORE_COMPUTE):
            return Step.IMPORT
        asked = may_be_asked(states, Purpose.SCORE_COMPUTE, vault.now())
    return Step.CONSENT if asked else Step.RESTING
