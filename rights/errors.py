"""What is refused while a person's rights are carried out."""

from collections.abc import Collection

from vault.errors import DomainError


class RequestUnknown(DomainError):
    """No such request, or somebody else's."""

    slug = "request-unknown"
    title = "Unknown request"

    def __init__(self) -> None:
        super().__init__("There is no such request.")


class RequestStateWrong(DomainError):
    """A request is not in a state from which this step leads on."""

    slug = "request-state-wrong"
    title = "Request is in another state"

    def __init__(self, state: str, wanted: str) -> None:
        super().__init__(f"A request that is “{state}” cannot become “{wanted}”.", state=state, wanted=wanted)


class LiftTooEarly(DomainError):
    """A restriction ends by staff only some days after its person was told (GDPR Art. 18(3))."""

    slug = "lift-too-early"
    title = "The person must be told first"

    def __init__(self) -> None:
        super().__init__("A restriction ends only some days after its person was told of it by mail.")


class ObjectionAbsolute(DomainError):
    """Nothing outweighs an objection to advertising (GDPR Art. 21(3))."""

    slug = "objection-absolute"
    title = "This objection is absolute"

    def __init__(self) -> None:
        super().__init__("Nothing outweighs an objection to advertising.")


class SecondPersonNeeded(DomainError):
    """One member of staff alone cannot refuse."""

    slug = "second-person-needed"
    title = "A second person is needed"

    def __init__(self) -> None:
        super().__init__("Whoever proposed a refusal cannot be the one who confirms it.")


class FigureUnchanged(DomainError):
    """A figure is disputed with the very value it has."""

    slug = "figure-unchanged"
    title = "The figure is just that"

    def __init__(self) -> None:
        super().__init__("The figure has this value already.")


class ReasonsMissing(DomainError):
    """A decision about a person's right needs reasons in writing."""

    slug = "reasons-missing"
    title = "Reasons are missing"

    def __init__(self) -> None:
        super().__init__("Write down why; the person reads it.")


class RefusalIncomplete(DomainError):
    """A refusal lacks what must stand in it (GDPR Art. 12(4))."""

    slug = "refusal-incomplete"
    title = "Refusal lacks something"

    def __init__(self, slots: Collection[str]) -> None:
        named = ", ".join(sorted(slots))
        super().__init__(f"A refusal without these is none: {named}.", slots=named)


class ExtensionRefused(DomainError):
    """The first month is over, or the term was extended before (GDPR Art. 12(3))."""

    slug = "extension-refused"
    title = "Term cannot be extended"

    def __init__(self) -> None:
        super().__init__("A term is extended once, with reasons, and within the first month only.")


class IdentityKnown(DomainError):
    """Who signed in, or used the code mailed to them, is not asked who they are (GDPR Art. 12(6))."""

    slug = "identity-known"
    title = "Identity is known"

    def __init__(self) -> None:
        super().__init__("Who asked is known from how the request came in; the clock goes on.")


def require_reasons(text: str) -> str:
    """What was written, without spaces around it.

    Raises:
        ReasonsMissing: nothing was.
    """
    if not text.strip():
        raise ReasonsMissing
    return text.strip()


class BreachUnknown(DomainError):
    """No breach has this number."""

    slug = "breach-unknown"
    title = "Unknown breach"

    def __init__(self) -> None:
        super().__init__("The register holds no breach of this number.")


class BreachIncomplete(DomainError):
    """A breach lacks what the law asks of its entry or of its end (GDPR Art. 33(3), 33(5), 34)."""

    slug = "breach-incomplete"
    title = "Breach is incomplete"

    def __init__(self) -> None:
        super().__init__(
            "A breach needs facts, known tables and a number of people; to close it, authority and people "
            "were told, or there is a reason for each who was not."
        )


class ReviewerNeeded(DomainError):
    """A score is looked at again by a reviewer, never by who answers for the model (GDPR Art. 22(3))."""

    slug = "reviewer-needed"
    title = "A reviewer is needed"

    def __init__(self) -> None:
        super().__init__("Only a reviewer answers this, and nobody who answers for the model.")


class AccountNotNew(DomainError):
    """An account that decided or holds something takes nothing over: history would come after the present."""

    slug = "account-not-new"
    title = "Account is not new"

    def __init__(self) -> None:
        super().__init__(
            "A copy can be brought to an account that has decided nothing and holds no data yet."
        )
