"""What the model refuses: a points card, inputs, or training data that are not what they must be."""

from vault.errors import DomainError


class BuildRefused(DomainError):
    """A directory is not one in which a build of training data can be made or is the one named."""

    slug = "build-refused"
    title = "Build refused"


class BuildUnknown(DomainError):
    """No build of training data has this number."""

    slug = "build-unknown"
    title = "Unknown build"

    def __init__(self) -> None:
        super().__init__("There is no such build.")


class CardRefused(DomainError):
    """A points card does not keep what it promises: digest, schema, rising curves, maxima, finite numbers."""

    slug = "card-refused"
    title = "Points card refused"


class ExtraMissing(DomainError):
    """A library that only training, proof and plots need is not installed here."""

    slug = "extra-missing"
    title = "Extra not installed"


class InputsRefused(DomainError):
    """Inputs that cannot be scored: negative, not finite, unknown, or one network given twice."""

    slug = "inputs-refused"
    title = "Inputs refused"


class ReleaseRefused(DomainError):
    """A points card that may not be released: it changes nothing, loses a figure, or one is announced."""

    slug = "release-refused"
    title = "Release refused"


class TooFewPeople(DomainError):
    """Fewer than ten people agree, so that numbers could point at one of them; nothing was made."""

    slug = "too-few-people"
    title = "Too few people"

    def __init__(self) -> None:
        super().__init__("Fewer than 10 people agree and have a score on the card in force.")


class TrainingDataRefused(DomainError):
    """Training data no honest card can come from; the sentence names the row or the column."""

    slug = "training-data-refused"
    title = "Training data refused"
