"""The door of the brand's API: token, brand not suspended, scope, how often; in this order, before all else.

    401 no token that holds   403 suspended, or a scope that lacks   429 asked too often, with Retry-After

A refusal at the door says nothing about what lies behind it. What is asked is counted before it is looked
for, so that trying names spends one's own day.
"""

import time
from collections.abc import Sequence
from math import ceil
from uuid import UUID

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from app.transaction import House
from consent.recipient import RecipientNotReady
from perks.brand import require_not_suspended
from perks.client import ApiScope, Caller, find_caller
from perks.quota import Quota, QuotaSpent, count_use
from vault.errors import DomainError

READS = parse_many("600 per minute")
WRITES = parse_many("120 per minute")


class BrandTokenInvalid(DomainError):
    """No token of a brand's program, or one that is over or was ended."""

    slug = "brand-token-invalid"
    title = "No valid token of a program"

    def __init__(self) -> None:
        super().__init__("This needs a token of a brand's program that is not over.")


class ScopeMissing(DomainError):
    """The token does not cover this."""

    slug = "scope-missing"
    title = "Token does not cover this"

    def __init__(self, scope: ApiScope) -> None:
        super().__init__(f"This needs a token with the scope {scope.value}.", scope=scope.value)
        self.scope = scope


BRAND_REFUSALS: tuple[type[DomainError], ...] = (
    BrandTokenInvalid,
    RecipientNotReady,
    ScopeMissing,
    QuotaSpent,
)


class BrandDoor:
    """Lets programs of brands in; counts by the minute in memory, by the day in the database."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._quota = Quota(house.config.brand_reads, house.config.brand_writes)
        self._counted = FixedWindowRateLimiter(MemoryStorage())

    def require(self, authorization: str, scope: ApiScope, *, writes: bool) -> Caller:
        """Who asks.

        Raises:
            BrandTokenInvalid, RecipientNotReady, ScopeMissing, QuotaSpent: nobody is let in.
        """
        kind, _, token = authorization.partition(" ")
        with self._house.open_vault("recipient") as vault:
            caller = find_caller(vault, token.strip()) if kind.lower() == "bearer" else None
            if caller is None:
                raise BrandTokenInvalid
            require_not_suspended(caller.recipient)
            if scope not in caller.scopes:
                raise ScopeMissing(scope)
            self._hit(WRITES if writes else READS, caller.recipient.id)
            count_use(vault, caller.recipient.id, self._quota, writes=writes)
        return caller

    def _hit(self, limits: Sequence[RateLimitItem], brand: UUID) -> None:
        for limit in limits:
            if not self._counted.hit(limit, str(brand)):
                until = self._counted.get_window_stats(limit, str(brand)).reset_time
                raise QuotaSpent(max(1, ceil(until - time.time())))
