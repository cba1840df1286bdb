"""Purposes, their legal bases, and scopes: what a permit covers.

The registry is whole; which purposes a person is asked about, and where, is app/consents.py: a switch for
something nobody does would be a false choice. A scope is a purpose plus what it is about, and it has one
key of its own (vault/keystore.py).
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Purpose(StrEnum):
    """Why personal data are processed."""

    ACCOUNT = "account"
    RIGHTS = "rights"  # what a person demands under Art. 12 to 22
    STATISTICS = "statistics"  # counts over at least ten people, nothing about anybody
    SCORE_COMPUTE = "score.compute"  # about a platform
    PERK_MATCH = "perk.match"
    BRAND_SHARE = "brand.share"  # about a brand and a perk
    PERK_DELIVER = "perk.deliver"  # about a perk
    RESEARCH_TRAIN = "research.train"  # about a line of models
    MAIL_NEWS = "mail.news"
    MAIL_PERKS = "mail.perks"
    PROFILE_PUBLIC = "profile.public"  # about one field of a profile


class Basis(StrEnum):
    """The legal bases of GDPR Art. 6(1) in use; explicit consent also serves Art. 22(2)(c)."""

    CONSENT = "gdpr-6-1-a"
    CONTRACT = "gdpr-6-1-b"
    LEGAL_OBLIGATION = "gdpr-6-1-c"
    LEGITIMATE_INTEREST = "gdpr-6-1-f"  # one may object (Art. 21(1))


@dataclass(frozen=True)
class PurposeRule:
    """The terms of one purpose.

    lasts: how long a consent holds at most; None: until it is withdrawn.
    adults_only: not below 18: contracts, research, and DSA Art. 28(2).
    heeds_signal: off while a browser asks not to share (Global Privacy Control).
    confirmed_by_mail: a consent counts only once a link in a mail was followed (double opt-in).
    """

    basis: Basis
    lasts: timedelta | None = None
    adults_only: bool = False
    heeds_signal: bool = False
    confirmed_by_mail: bool = False


RULES = {
    Purpose.ACCOUNT: PurposeRule(Basis.CONTRACT),
    Purpose.RIGHTS: PurposeRule(Basis.LEGAL_OBLIGATION),
    Purpose.STATISTICS: PurposeRule(Basis.LEGITIMATE_INTEREST),
    Purpose.SCORE_COMPUTE: PurposeRule(Basis.CONSENT, lasts=timedelta(days=365)),
    Purpose.PERK_MATCH: PurposeRule(Basis.CONSENT, lasts=timedelta(days=365), adults_only=True),
    Purpose.BRAND_SHARE: PurposeRule(
        Basis.CONSENT, lasts=timedelta(days=183), adults_only=True, heeds_signal=True
    ),
    Purpose.PERK_DELIVER: PurposeRule(Basis.CONTRACT, adults_only=True),
    Purpose.RESEARCH_TRAIN: PurposeRule(
        Basis.CONSENT, lasts=timedelta(days=730), adults_only=True, heeds_signal=True
    ),
    Purpose.MAIL_NEWS: PurposeRule(
        Basis.CONSENT, lasts=timedelta(days=730), heeds_signal=True, confirmed_by_mail=True
    ),
    Purpose.MAIL_PERKS: PurposeRule(
        Basis.CONSENT, lasts=timedelta(days=730), adults_only=True, heeds_signal=True, confirmed_by_mail=True
    ),
    Purpose.PROFILE_PUBLIC: PurposeRule(Basis.CONSENT),
}

REASK_AFTER = timedelta(days=183)  # after a no nothing is asked again by itself for six months
REMIND_BEFORE = timedelta(days=14)  # a consent that is about to end is said to be, once

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
RIGHTS = Scope(Purpose.RIGHTS)
STATISTICS = Scope(Purpose.STATISTICS)


def score_scope(platform: str) -> Scope:
    """The scope under which one platform's data serve the score."""
    return Scope(Purpose.SCORE_COMPUTE, platform)


def scope_of(text: str) -> Scope:
    """The scope that `str` wrote.

    Raises:
        ValueError: no such purpose.
    """
    purpose, _, about = text.partition("/")
    return Scope(Purpose(purpose), about)
