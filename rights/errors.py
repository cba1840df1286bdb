"""What is refused while a person's rights are carried out."""

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
