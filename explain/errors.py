"""What the explanation refuses: parts that miss the score, and words that are not there."""

from vault.errors import DomainError


class DoesNotAddUp(DomainError):
    """Base value plus attributions miss the score by over 1e-6 points; nothing is shown then."""

    slug = "does-not-add-up"
    title = "Attributions do not add up"


class WordsMissing(DomainError):
    """A sentence is not in a catalog, or a catalog lacks a fact that the sentence needs."""

    slug = "words-missing"
    title = "Words missing"


class TargetRefused(DomainError):
    """A score nobody can have: the target must be a whole number of the scale."""

    slug = "target-refused"
    title = "Target refused"
