"""What the gate and the consent history refuse."""

from consent.purpose import Scope
from vault.errors import DomainError


class ConsentMissing(DomainError):
    """No consent is in force for a scope that needs one (GDPR Art. 6(1)(a))."""

    slug = "consent-missing"
    title = "Consent is missing"

    def __init__(self, scope: Scope) -> None:
        super().__init__(f"No consent is in force for “{scope}”.", scope=str(scope))


class ConsentChanged(DomainError):
    """The decision rests on a page that is out of date: someone decided otherwise in the meantime."""

    slug = "consent-changed"
    title = "Consent has changed meanwhile"

    def __init__(self) -> None:
        super().__init__("This decision was made on an outdated page; look at the present state first.")


class NoticeUnknown(DomainError):
    """A decision names words that were never shown, or not the present ones."""

    slug = "notice-unknown"
    title = "Unknown notice"

    def __init__(self) -> None:
        super().__init__("This is not the notice in use; read the present one and decide again.")


class ProcessingLimited(DomainError):
    """The person restricted processing or objected to it (GDPR Art. 18(2), 21(1))."""

    slug = "processing-limited"
    title = "Processing is restricted"

    def __init__(self, scope: Scope) -> None:
        super().__init__(f"Processing for “{scope}” stands still, as its person asked.", scope=str(scope))


class SignalHeeded(DomainError):
    """A browser of the person asks not to share, and nobody said yes in view of that (GDPR Art. 21(5))."""

    slug = "signal-heeded"
    title = "The browser asks not to share"

    def __init__(self, scope: Scope) -> None:
        super().__init__(
            f"A browser of this person asks not to share; “{scope}” is off unless confirmed all the same.",
            scope=str(scope),
        )


class ConfirmationMissing(DomainError):
    """A consent to be mailed to, without the link that shows whose mailbox it is (UWG section 7)."""

    slug = "confirmation-missing"
    title = "Not confirmed by mail"

    def __init__(self, scope: Scope) -> None:
        super().__init__(f"A consent to “{scope}” counts only once confirmed by mail.", scope=str(scope))


class ConsentLinkInvalid(DomainError):
    """A link from a mail was used, is too old, was never made, or something else was decided since."""

    slug = "consent-link-invalid"
    title = "Link from the mail no longer valid"

    def __init__(self) -> None:
        super().__init__("This link was used already, is too old, or was overtaken by another decision.")


class GrantNotTheirs(DomainError):
    """Somebody other than the person tried to make a consent: staff, a brand or a job never can."""

    slug = "grant-not-theirs"
    title = "Only the person can consent"

    def __init__(self) -> None:
        super().__init__("A consent is made by its person and by nobody else.")


class ReceiptInvalid(DomainError):
    """A receipt was altered, is not one, or does not fit the log entry it names."""

    slug = "receipt-invalid"
    title = "Receipt does not hold"

    def __init__(self, what: str) -> None:
        super().__init__(f"The receipt does not hold: {what}.")


class ReceiptUnmatched(DomainError):
    """Nothing here belongs to what was presented as a receipt; why is not said (GDPR Art. 11(2))."""

    slug = "receipt-unmatched"
    title = "Nothing belongs to this receipt"

    def __init__(self) -> None:
        super().__init__("Nothing in the log belongs to what was presented.")


class TooYoung(DomainError):
    """Somebody below the age that something needs, or whose age is not known (Art. 8; DSA Art. 28(2))."""

    slug = "too-young"
    title = "Needs a higher age"

    def __init__(self, least: int) -> None:
        super().__init__(f"This needs an age of {least}, declared in the account.", least=least)
