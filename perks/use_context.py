"""What a brand may use something for: the whole list.

Hiring, credit, insurance, housing and the level of a service have no value here, so nobody can even ask
for them (screen.py refuses them in an offer's words). Every reading by a brand names one of these.
"""

from enum import StrEnum


class UseContext(StrEnum):
    """For what a brand reads."""

    OFFER_FULFILMENT = "offer-fulfilment"  # what the person agreed to hand over for one perk
    OFFER_FIGURES = "offer-figures"  # counts of ten people and more
    LABEL_CHECK = "label-check"  # whether a promised post says that it is paid for
