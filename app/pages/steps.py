"""The next step of somebody without a score: what is missing, in the order in which it is needed."""

from enum import StrEnum
from uuid import UUID

from app.consents import consent_states
from app.current import house
from app.imports import imports, is_scoring
from app.jobs import JobState
from app.language import language


class Step(StrEnum):
    """What has to happen before there is a score."""

    CONSENT = "consent"
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
        states = consent_states(vault, subject_id, language())
    return Step.IMPORT if any(state.is_in_force for state in states) else Step.CONSENT
