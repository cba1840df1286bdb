"""Purposes, their legal bases, and scopes: what a permit covers.

Only purposes that something here is really done for: a switch for nothing would be a false choice.
A scope is a purpose plus what it is about, and it has one key of its own (vault/keystore.py).
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Purpose(StrEnum):
    """Why personal data are processed."""

    ACCOUNT = "account"
    SCORE_COMPUTE = "score.compute"


class Basis(StrEnum):
    """The legal bases of GDPR Art. 6(1) in use; explicit consent also serves Art. 22(2)(c)."""

    CONSENT = "gdpr-6-1-a"
    CONTRACT = "gdpr-6-1-b"
    LEGAL_OBLIGATION = "gdpr-6-1-c"


@dataclass(frozen=True)
class PurposeRule:
    """The terms of one purpose: its basis, and how long a consent lasts."""

    basis: Basis
    lasts: timedelta | None = None


RULES = {
    Purpose.ACCOUNT: PurposeRule(Basis.CONTRACT),
    Purpose.SCORE_COMPUTE: PurposeRule(Basis.CONSENT, lasts=timedelta(days=365)),
}

_ABOUT = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}(/[a-z0-9][a-z0-9_.-]{0,99})*")


@dataclass(frozen=True)
class Scope:
    """A purpose and what it is about: a platform, a brand's perk, or nothing."""

    purpose: Purpose
    about: str = ""

    def __post_init__(self) -> None:
        if self.about and not _ABOUT.fullmatch(self.about):
            raise ValueError("What a scope is about is written in lower-case ASCII words.")

    @property
    def rule(self) -> PurposeRule:
        """The terms of the scope's purpose."""
        return RULES[self.purpose]

    def __str__(self) -> str:
        return f"{self.purpose}/{self.about}" if self.about else str(self.purpose)


ACCOUNT = Scope(Purpose.ACCOUNT)


def score_scope(platform: str) -> Scope:
    """The scope under which one platform's data serve the score."""
    return Scope(Purpose.SCORE_COMPUTE, platform)
