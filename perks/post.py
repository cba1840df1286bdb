"""`PerkPost`: a post that was promised, its label checked, and what the creator is told about it.

    post_due | label_missing | post_missed -> post_submitted -> done           the label suffices
                                                             `-> label_missing told why, and until when

The text is read and not kept: what stays is where the post is (sealed), a keyed digest of its text, the
verdict and the rule behind it. Whatever the verdict, the score is none the wiser. Which words do: label/.

Source: UWG § 5a(4); UCPD Annex I no. 11; PRIVACY 1.5 (10): no comments, tags or other people of a post.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from consent.gate import require_permit
from explain.wording import Language
from perks.label.check import LONGEST, Outcome, Verdict, check
from perks.label.post import Country, Format, Post
from perks.life import Event
from perks.offer import PublishedOffer, find_published
from perks.participation import Participation, advance, lock_participation, require_participation
from sources.activity import Platform
from vault.base import Base, by_value
from vault.desk import Vault
from vault.envelope import packed
from vault.errors import DomainError
from vault.holding import Fate, Holding, Opening
from vault.permit import Permit
from vault.subject import Subject

LONGEST_URL = 500
STRICTEST = Country.DE  # for countries whose rules nobody wrote down yet: in front, in plain words


class PostUnfit(DomainError):
    """A post that cannot be the promised one: another platform or country, no address, or no text."""

    slug = "post-unfit"
    title = "Post cannot be taken"

    def __init__(self, field: str) -> None:
        super().__init__(f"This cannot be taken: {field}.", field=field)
        self.field = field


def _own(vault: Vault, permits: Mapping[str, Permit], row: "PerkPost") -> Any:
    return json.loads(vault.unseal(permits[row.scope], row.cell("content"), row.content))


class PerkPost(Base):
    """One post handed in for one participation, as it was checked."""

    __tablename__ = "perk_post"
    __table_args__ = (UniqueConstraint("participation_id", "number"),)
    __holding__ = Holding(
        what="Posts you handed in for an offer: where, when, and whether the label sufficed; never the text",
        purpose="perk.deliver",
        basis="gdpr-6-1-b",
        retained="as long as your part in the offer",
        source="the person",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={
            "participation_id": "which participation",
            "scope": "the contract it belongs to",
            "submitted_at": "when you handed it in",
            "platform": "on which platform it is",
            "country": "whose rules were asked",
            "outcome": "whether the label suffices",
            "rule": "the rule behind that",
            "text_digest": "a keyed digest of its text",
            "content": "its address, and the label that was suggested (sealed)",
        },
        copied_to="perks/posts.jsonl",
        opened_by={"content": Opening(_own, {"type": "object", "additionalProperties": {"type": "string"}})},
        left_out={"text_digest": "a keyed digest that only shows whether a text is the same one"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), index=True)
    participation_id: Mapped[UUID] = mapped_column(ForeignKey(Participation.id, ondelete="CASCADE"))
    number: Mapped[int]
    scope: Mapped[str] = mapped_column(String(200))
    submitted_at: Mapped[datetime]
    platform: Mapped[Platform] = mapped_column(by_value(Platform))
    country: Mapped[Country] = mapped_column(by_value(Country))
    outcome: Mapped[Outcome] = mapped_column(by_value(Outcome))
    rule: Mapped[str] = mapped_column(String(60))
    text_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    row_version: Mapped[int] = mapped_column(default=1)
    content: Mapped[bytes]


@dataclass(frozen=True)
class Submission:
    """A post as its creator hands it in.

    country: where the people it addresses live, one of the offer's; its rules are asked.
    frames, stays, platform_label: as in label/post.py.
    """

    url: str
    text: str
    platform: Platform
    country: str
    language: Language
    format: Format = Format.POST
    frames: tuple[str, ...] = ()
    stays: bool = False
    platform_label: bool = False


@dataclass(frozen=True)
class KeptPost:
    """One post as its person sees it again."""

    submitted_at: datetime
    url: str
    platform: Platform
    country: Country
    outcome: Outcome
    rule: str
    suggestion: str


def submit_post(vault: Vault, subject_id: UUID, offer_id: UUID, submission: Submission) -> Verdict:
    """Take a post in and check its label; if that lacks, there is time to mend it.

    Raises:
        PostUnfit: it cannot be the promised post, with the field.
        ParticipationUnknown, StepIllegal: none is expected.
    """
    participation = lock_participation(vault, require_participation(vault, subject_id, offer_id))
    offer = find_published(vault, participation.offer_id)
    moved = advance(vault, participation, Event.SUBMIT_POST)
    _require_fit(offer, submission)
    verdict = check(_post(submission))
    _keep(vault, moved, submission, verdict)
    if verdict.outcome is Outcome.OK:
        moved.due_at = None
        advance(vault, moved, Event.LABEL_OK)
    else:
        # Told on the very page, so nobody is reminded of it a minute later.
        moved.due_at, moved.reminded_at = vault.now() + timedelta(hours=verdict.fix_hours), vault.now()
        advance(vault, moved, Event.LABEL_LACKS)
    return verdict


def posts_of(vault: Vault, participation: Participation) -> tuple[KeptPost, ...]:
    """Every post handed in for a participation, the first first."""
    rows = _rows(vault, participation)
    if not rows:
        return ()
    permit = require_permit(vault, participation.subject_id, participation.deliver_scope)
    return tuple(_opened(vault, permit, row) for row in rows)


def rules_asked(country: str) -> Country:
    """Whose rules a post is checked by; the strictest known where nobody wrote down those of a country."""
    return Country(country) if country in set(Country) else STRICTEST


def _post(submission: Submission) -> Post:
    return Post(
        text=submission.text,
        country=rules_asked(submission.country),
        language=submission.language,
        platform=submission.platform,
        format=submission.format,
        frames=submission.frames,
        stays=submission.stays,
        platform_label=submission.platform_label,
    )


def _require_fit(offer: PublishedOffer, submission: Submission) -> None:
    expected = offer.terms.expected
    if expected is None or submission.platform not in expected.platforms:
        raise PostUnfit("platform")
    if submission.country not in offer.terms.criteria.countries:
        raise PostUnfit("country")
    if not _is_address(submission.url):
        raise PostUnfit("url")
    said = (submission.text, *submission.frames)
    if not any(text.strip() for text in said) or sum(map(len, said)) > LONGEST:
        raise PostUnfit("text")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    is_plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_URL
    return is_plain and parts.scheme == "https" and bool(parts.hostname) and parts.username is None


def _keep(vault: Vault, participation: Participation, submission: Submission, verdict: Verdict) -> None:
    last = vault.session.scalar(
        select(func.max(PerkPost.number)).where(PerkPost.participation_id == participation.id)
    )
    row = PerkPost(
        id=uuid4(),
        subject_id=participation.subject_id,
        participation_id=participation.id,
        number=(last or 0) + 1,
        scope=str(participation.deliver_scope),
        submitted_at=vault.now(),
        platform=submission.platform,
        country=rules_asked(submission.country),
        outcome=verdict.outcome,
        rule=verdict.rule.id,
        text_digest=_digest(vault, participation.subject_id, submission),
        row_version=1,
    )
    permit = require_permit(vault, participation.subject_id, participation.deliver_scope)
    plain = {"url": submission.url, "suggestion": verdict.suggestion}
    row.content = vault.seal(permit, row.cell("content"), json.dumps(plain, ensure_ascii=False).encode())
    vault.session.add(row)
    vault.flush()


def _digest(vault: Vault, subject_id: UUID, submission: Submission) -> bytes:
    said = [text.encode() for text in (submission.text, *submission.frames)]
    return vault.reference(subject_id, packed(b"post", *said))


def _rows(vault: Vault, participation: Participation) -> Sequence[PerkPost]:
    statement = (
        select(PerkPost).where(PerkPost.participation_id == participation.id).order_by(PerkPost.number)
    )
    return vault.session.scalars(statement).all()


def _opened(vault: Vault, permit: Permit, row: PerkPost) -> KeptPost:
    plain = _own(vault, {row.scope: permit}, row)
    return KeptPost(
        submitted_at=row.submitted_at,
        url=plain["url"],
        platform=row.platform,
        country=row.country,
        outcome=row.outcome,
        rule=row.rule,
        suggestion=plain["suggestion"],
    )
