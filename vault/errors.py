"""What can go wrong in the domain, each with a slug, a title and a sentence without personal data.

Only app/errors.py knows the HTTP status of each; the command line prints the sentence.
"""


class DomainError(Exception):
    """A refusal with a name.

    slug: stable, becomes `/problems/<slug>` (RFC 9457 section 3.1.1).
    title: the same at every occurrence (RFC 9457 section 3.1.3).
    `facts`: named values for the translated sentence; numbers and closed words only, never personal data.
    """

    slug = "refused"
    title = "Refused"

    def __init__(self, detail: str, **facts: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class KeyDestroyed(DomainError):
    """No key is left for this record: it was destroyed on withdrawal or erasure, or never made."""

    slug = "key-destroyed"
    title = "Key destroyed"

    def __init__(self) -> None:
        super().__init__("The key of this record is gone; nobody can read it any more.")


class EnvelopeInvalid(DomainError):
    """A sealed record is not what its place says it is: altered, moved, or sealed under another key."""

    slug = "envelope-invalid"
    title = "Sealed record does not open"

    def __init__(self) -> None:
        super().__init__("A sealed record does not open at the place it was found.")


class PermitInvalid(DomainError):
    """A permit was used outside its transaction, or for another subject or scope."""

    slug = "permit-invalid"
    title = "Permit does not cover this"

    def __init__(self) -> None:
        super().__init__("This permit does not cover what was asked.")


class KeyFileRefused(DomainError):
    """A key file has wider modes than 0600, the wrong length, or serves two purposes."""

    slug = "key-file-refused"
    title = "Key file refused"


class SubjectUnknown(DomainError):
    """No data subject has this identifier, any more or ever."""

    slug = "subject-unknown"
    title = "Unknown account"

    def __init__(self) -> None:
        super().__init__("There is no such account.")
