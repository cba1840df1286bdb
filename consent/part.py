"""What a consent covers, in closed words: what is used, what for, and who gets it.

A newer text that asks for more names more of these; whoever agreed to an older one has not agreed to the
new part, and the gate refuses it until they do (gate.py). The fields stand here and nowhere else.
"""

from enum import StrEnum


class SharedField(StrEnum):
    """Everything a person may ever let others have; no address of theirs, no birthday, no raw counts."""

    DISPLAY_NAME = "display-name"
    HANDLES = "handles"
    SCORE_BAND = "score-band"
    SCORE = "score"
    PLATFORM_SCORES = "platform-scores"
    AUDIENCE_BAND = "audience-band"
    NICHES = "niches"
    CONTACT_RELAY = "contact-relay"
    SHIPPING_ADDRESS = "shipping-address"  # to deliver a perk, under a contract: no notice asks for it


class Aspect(StrEnum):
    """Everything else a notice asks for."""

    # What is used.
    ACTIVITY_COUNTS = "activity-counts"
    AUDIENCE_COUNTS = "audience-counts"
    ADDRESS = "address"
    COUNTRY = "country"
    LANGUAGES = "languages"
    # What for.
    SCORING = "scoring"
    ELIGIBILITY = "eligibility"
    TRAINING = "training"
    MAILING = "mailing"
    # Who gets it.
    NAMED_BRAND = "named-brand"
    EVERYBODY = "everybody"


Part = SharedField | Aspect

# What a person hands over or shows field by field: such a notice names the chosen ones and covers no others.
FIELDS: tuple[SharedField, ...] = tuple(
    field for field in SharedField if field is not SharedField.SHIPPING_ADDRESS
)


def part_of(word: str) -> Part:
    """The part that a word means.

    Raises:
        ValueError: it means none.
    """
    return SharedField(word) if word in set(SharedField) else Aspect(word)
