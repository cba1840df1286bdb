"""What a consent covers, in closed words: what is used, what for, and who gets it.

A newer text that asks for more names more of these; whoever agreed to an older one has not agreed to the
new part, and the gate refuses it until they do (gate.py).
"""

from enum import StrEnum


class Part(StrEnum):
    """One thing a notice asks for."""

    # What is used.
    ACTIVITY_COUNTS = "activity-counts"
    AUDIENCE_COUNTS = "audience-counts"
    DISPLAY_NAME = "display-name"
    HANDLES = "handles"
    SCORE_BAND = "score-band"
    SCORE = "score"
    PLATFORM_SCORES = "platform-scores"
    AUDIENCE_BAND = "audience-band"
    NICHES = "niches"
    CONTACT_RELAY = "contact-relay"
    ADDRESS = "address"
    # What for.
    SCORING = "scoring"
    ELIGIBILITY = "eligibility"
    TRAINING = "training"
    MAILING = "mailing"
    # Who gets it.
    NAMED_BRAND = "named-brand"
    EVERYBODY = "everybody"


# What a person hands over or shows field by field: such a notice names the chosen ones and covers no others.
FIELDS = (
    Part.DISPLAY_NAME,
    Part.HANDLES,
    Part.SCORE_BAND,
    Part.SCORE,
    Part.PLATFORM_SCORES,
    Part.AUDIENCE_BAND,
    Part.NICHES,
    Part.CONTACT_RELAY,
)
