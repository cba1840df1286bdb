"""`Permit`: the evidence that personal data may be opened, for one subject and one scope, now.

Only consent/gate.py makes one (tests/architecture refuses any other place), and it lives no longer
than the transaction it was made in: `Vault` refuses a permit of another transaction.
"""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Permit:
    """A legal basis in force.

    scope: what it covers, e.g. `score.compute/mastodon`.
    basis: the article, e.g. `gdpr-6-1-a`.
    transaction: the identity of the `Vault` it was made in.
    """

    subject_id: UUID
    scope: str
    basis: str
    transaction: object
