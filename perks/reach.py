"""What a brand learns before anybody agreed: “<10”, or tens; the same for every brand that asks the same.

    criteria -> coarse criteria -> counted over coarse people, at a day's beginning -> blurred -> tens

Whoever could ask for exact counts could search for one person: with thresholds one apart, by asking before
and after, with accounts of their own around them. So only coarse things are counted (a score in tens, no
points); the worker counts at the beginning of a day, and a request reads what was counted; one published
version has one count. Against one's own accounts a secret number from 0 to 9, always the same for the same
question, is taken off before rounding: nobody knows at which account a count steps up. So up to nine too few
are said, and never too many.

Source: GDPR Art. 5(1)(c), 25.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import rfc8785
from sqlalchemy import Date, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from consent.access import note_read
from consent.gate import find_permit, permits_in_force
from consent.purpose import Purpose
from consent.record import ConsentRecord
from explain.report import score_report
from model.scoring import is_usable
from perks.offer import PublishedOffer, open_offers
from perks.offer_terms import Assurance, Criteria
from perks.participation import MATCH
from perks.profile import read_profile
from sources.activity import Platform
from vault.base import Base, by_value
from vault.desk import Vault
from vault.holding import Fate, Holding, Term

K = 10
FRESH = timedelta(days=30)  # the same question is counted again after that


class Counted(StrEnum):
    """What is counted."""

    REACH = "reach"  # how many people an offer could be for
    OPTED_IN = "opted-in"
    AGREED = "agreed"
    CLAIMED = "claimed"
    POSTED = "posted"
    LABELLED = "labelled"  # a post that says that it is paid for
    UNLABELLED = "unlabelled"
    MISSED = "missed"


class PerkCount(Base):
    """One count of people, blurred and rounded before it is kept."""

    __tablename__ = "perk_count"
    __holding__ = Holding(
        what="Counts of people an offer could be for or who take part, in tens and blurred",
        purpose="perk.match",
        basis="gdpr-6-1-a",
        retained="two years",
        ends=(Term("counted_at", timedelta(days=730)),),
        source="the service",
        fate=Fate.NOT_PERSONAL,  # nothing about less than ten people, and nobody can be told apart in it
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    about: Mapped[str] = mapped_column(String(64), index=True)  # digest of coarse criteria, or an offer
    counted: Mapped[Counted] = mapped_column(by_value(Counted))
    day: Mapped[date] = mapped_column(Date)
    counted_at: Mapped[datetime]
    tens: Mapped[int]  # 0: less than ten


@dataclass(frozen=True)
class CoarseCriteria:
    """What is asked of people, as far as it is counted. least: the score, in tens; 0: none needed."""

    least: int
    platforms: frozenset[Platform]
    countries: frozenset[str]
    languages: frozenset[str]
    niches: frozenset[str]
    is_live: bool

    @property
    def digest(self) -> str:
        """The same for everybody who asks the same."""
        plain: dict[str, Any] = {
            "least": self.least,
            "is_live": self.is_live,
            **{
                name: sorted(str(each) for each in getattr(self, name))
                for name in ("platforms", "countries", "languages", "niches")
            },
        }
        return hashlib.sha256(rfc8785.dumps(plain)).hexdigest()


@dataclass(frozen=True)
class CoarsePerson:
    """One person while they are counted. score: in tens; None where there is none to go by."""

    score: int | None
    platforms: frozenset[Platform]
    country: str | None
    languages: frozenset[str]
    niches: frozenset[str]


def rounded(count: int) -> str:
    """A count as it may be said: “<10”, or tens."""
    return shown(tens_of(count))


def shown(tens: int) -> str:
    """Tens that were kept, as they are said."""
    return str(tens) if tens >= K else f"<{K}"


def tens_of(count: int) -> int:
    """Whole tens, and 0 for less than ten."""
    return count // K * K


def coarse(criteria: Criteria) -> CoarseCriteria:
    """Criteria as far as they are counted: thresholds between two tens are all the same."""
    return CoarseCriteria(
        least=tens_of(criteria.min_score or 0),
        platforms=criteria.platforms,
        countries=criteria.countries,
        languages=criteria.languages,
        niches=criteria.niches,
        is_live=criteria.assurance is Assurance.LIVE,
    )


def is_meant(asked: CoarseCriteria, person: CoarsePerson) -> bool:
    """Whether an offer could be for one person, coarsely."""
    wanted: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
        (frozenset(asked.platforms), frozenset(person.platforms)),
        (asked.countries, frozenset({person.country or ""})),
        (asked.languages, person.languages),
        (asked.niches, person.niches),
    )
    has_score = not asked.least or (person.score is not None and person.score >= asked.least)
    return has_score and not asked.is_live and all(not some or some & own for some, own in wanted)


def uncounted(vault: Vault) -> dict[str, CoarseCriteria]:
    """What is to be counted today: open offers of earlier days whose question has no count to go by."""
    today = vault.now().date()
    waiting = [offer for offer in open_offers(vault) if offer.published_at.date() < today]
    return {
        asked.digest: asked
        for offer in waiting
        if find_reach(vault, offer) is None
        for asked in (coarse(offer.terms.criteria),)
    }


def matched_people(vault: Vault) -> Sequence[UUID]:
    """Everybody who ever agreed to matching; whether they still do is asked one by one."""
    statement = select(ConsentRecord.subject_id).where(ConsentRecord.purpose == Purpose.PERK_MATCH)
    return vault.session.scalars(statement.distinct().order_by(ConsentRecord.subject_id)).all()


def coarse_person(vault: Vault, subject_id: UUID) -> CoarsePerson | None:
    """One person as they are counted; None without a consent to matching. That they were read is noted."""
    permit = find_permit(vault, subject_id, MATCH)
    if permit is None:
        return None
    profile = read_profile(vault, permit)
    scoring = permits_in_force(vault, subject_id, Purpose.SCORE_COMPUTE)
    report = score_report(vault, subject_id, scoring)
    result = report.result if report is not None and not report.is_empty else None
    if result is not None:
        note_read(vault, permit, "score.result")
    is_current = result is not None and is_usable(result, vault.now().date())
    return CoarsePerson(
        score=tens_of(result.score) if result is not None and is_current else None,
        platforms=frozenset(one.platform for one in result.networks) if result is not None else frozenset(),
        country=profile.country,
        languages=profile.languages,
        niches=profile.niches,
    )


def keep_reach(vault: Vault, asked: Iterable[CoarseCriteria], people: Sequence[CoarsePerson]) -> None:
    """Keep how many of these people each question means."""
    for one in asked:
        keep_count(vault, one.digest, Counted.REACH, sum(is_meant(one, person) for person in people))


def keep_count(vault: Vault, about: str, counted: Counted, count: int) -> None:
    """Blur, round and keep one count; what is kept tells no more than what is said."""
    blur = vault.blur(f"{counted}/{about}".encode(), K)
    vault.session.add(
        PerkCount(
            id=uuid4(),
            about=about,
            counted=counted,
            day=vault.now().date(),
            counted_at=vault.now(),
            tens=tens_of(max(0, count - blur)),
        )
    )


def find_reach(vault: Vault, offer: PublishedOffer) -> str | None:
    """How many people one version of an offer could be for; None until the day after it was published.

    The first count that is not older than a month before the version, hence always the same one.
    """
    statement = (
        select(PerkCount.tens)
        .where(
            PerkCount.about == coarse(offer.terms.criteria).digest,
            PerkCount.counted == Counted.REACH,
            PerkCount.day >= offer.published_at.date() - FRESH,
        )
        .order_by(PerkCount.day, PerkCount.id)
        .limit(1)
    )
    tens = vault.session.scalar(statement)
    return shown(tens) if tens is not None else None


def counts_of(vault: Vault, about: str) -> Mapping[Counted, tuple[tuple[date, int], ...]]:
    """Every count that was kept about one offer, day by day."""
    statement = select(PerkCount).where(PerkCount.about == about).order_by(PerkCount.day)
    found: dict[Counted, tuple[tuple[date, int], ...]] = {}
    for row in vault.session.scalars(statement):
        found[row.counted] = (*found.get(row.counted, ()), (row.day, row.tens))
    return found


def last_counted(vault: Vault, about: str) -> date | None:
    """The last day something was counted about one offer."""
    return vault.session.scalar(select(func.max(PerkCount.day)).where(PerkCount.about == about))
