"""Letters: what is mailed to everybody who asked for it, and to nobody else.

    queued    for whoever has the consent in force, together with the letter itself
    written   by the worker, who asks the gate again: whoever said no meanwhile is not written to
    ended     by one click in any letter, without signing in (app/mailing.py)

A letter is the same for everybody, in both languages, and holds nothing about anybody. That an address was
opened for it stands in the access log under the purpose it was opened for.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from app.jobs import Job, JobKind, enqueue
from app.mail import Mail, compose
from app.transaction import House
from app.unsubscribing import unsubscribe_link
from consent.gate import find_permit
from consent.purpose import Purpose, Scope
from consent.record import ConsentRecord, Decision, find_in_force
from consent.register import LANGUAGES
from perks.participation import MATCH
from vault.base import Base, by_value
from vault.desk import Vault
from vault.errors import DomainError
from vault.holding import Fate, Holding, Term
from vault.permit import Permit

KEPT = timedelta(days=90)  # longer than any job waits
SUBJECT_MOST, TEXT_MOST = 150, 20_000
ONE_CLICK = "List-Unsubscribe=One-Click"  # RFC 8058 section 3.1
_HEADING = re.compile(r"^# ([a-z]{2}): *(.*)$", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


class LetterUnfit(DomainError):
    """A letter lacks a language, a subject or a text, or has too much of it."""

    slug = "letter-unfit"
    title = "Letter cannot be sent"


class LetterSent(DomainError):
    """The very same letter was queued before; nobody gets it twice."""

    slug = "letter-sent"
    title = "Letter was sent already"

    def __init__(self) -> None:
        super().__init__("This very letter was queued before; change it if it is to be sent again.")


@dataclass(frozen=True)
class Wording:
    """A letter in one language."""

    subject: str
    text: str


class Letter(Base):
    """One letter to everybody who asked for its kind."""

    __tablename__ = "letter"
    __holding__ = Holding(
        what="Letters to everybody who asked for them: subject and text, the same for all",
        purpose="mail.news",
        basis="gdpr-6-1-a",
        retained="90 days",
        ends=(Term("created_at", KEPT),),
        source="the operator; about new offers, the service",
        fate=Fate.NOT_PERSONAL,
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    purpose: Mapped[Purpose] = mapped_column(by_value(Purpose))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    subject_en: Mapped[str] = mapped_column(String(SUBJECT_MOST))
    text_en: Mapped[str] = mapped_column(Text)
    subject_de: Mapped[str] = mapped_column(String(SUBJECT_MOST))
    text_de: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]

    def wording(self, language: str) -> Wording:
        """The letter in one language."""
        if language == "de":
            return Wording(self.subject_de, self.text_de)
        return Wording(self.subject_en, self.text_en)


def read_wordings(text: str) -> dict[str, Wording]:
    """A letter from plain text: for each language a line `# en: subject`, and what follows it.

    Raises:
        LetterUnfit: a language, a subject or a text is missing, or there is more than that.
    """
    before, *parts = _HEADING.split(text)
    if before.strip() or sorted(parts[::3]) != sorted(LANGUAGES):
        raise LetterUnfit("A letter has one part for each language, begun by “# en: …” and “# de: …”.")
    found = {
        language: Wording(subject.strip(), body.strip())
        for language, subject, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    }
    require_fit(found)
    return found


def require_fit(wordings: Mapping[str, Wording]) -> None:
    """Refuse a letter that cannot be sent as it is.

    Raises:
        LetterUnfit: see its own words.
    """
    if wordings.keys() != set(LANGUAGES):
        raise LetterUnfit("A letter is written in every language there is.")
    for said in wordings.values():
        if not (0 < len(said.subject) <= SUBJECT_MOST and 0 < len(said.text) <= TEXT_MOST):
            raise LetterUnfit(
                f"Each part has a subject of at most {SUBJECT_MOST} and a text of at most {TEXT_MOST} signs."
            )
        if "\n" in said.subject or _CONTROL.search(said.subject + said.text):
            raise LetterUnfit("A letter is plain text, without control characters.")


def queue_letter(vault: Vault, purpose: Purpose, wordings: Mapping[str, Wording]) -> int:
    """Queue a letter for everybody whose consent to it is in force; returns how many that is.

    Raises:
        LetterUnfit, LetterSent: see their own words; nothing is queued.
    """
    if not Scope(purpose).rule.confirmed_by_mail:
        raise LetterUnfit("Letters are sent for what people confirmed by mail, and for nothing else.")
    require_fit(wordings)
    letter = _keep(vault, purpose, wordings)
    asked = select(ConsentRecord.subject_id).where(
        ConsentRecord.purpose == purpose, ConsentRecord.decision == Decision.GIVEN
    )
    queued = 0
    for subject_id in vault.session.scalars(asked.distinct().order_by(ConsentRecord.subject_id)).all():
        if _find_permit(vault, subject_id, purpose) is not None:
            enqueue(vault, subject_id, JobKind.MAIL_LETTER, facts={"letter": str(letter.id)})
            queued += 1
    if not queued:  # nobody has it, so it may be sent once somebody asks for it
        vault.session.delete(letter)
    return queued


def permit_for(vault: Vault, job: Job) -> Permit | None:
    """The permit to write a job's letter now; None where its person wants none any more, or it is gone."""
    letter = _letter(vault, job)
    return _find_permit(vault, job.subject_id, letter.purpose) if letter is not None else None


def write_letter(house: House, vault: Vault, job: Job, language: str) -> Mail | None:
    """The letter of a job as one person gets it, with the way out in its headers and at its end.

    Source: RFC 8058 section 3.1; UWG section 7(2) no. 3, 7(3) no. 4.
    """
    letter = _letter(vault, job)
    given = find_in_force(vault, job.subject_id, Scope(letter.purpose)) if letter is not None else None
    if letter is None or given is None:
        return None
    said, link = letter.wording(language), unsubscribe_link(house, given)
    controller = house.config.controller
    _, foot = compose(
        JobKind.MAIL_LETTER,
        language,
        link=link,
        day=given.decided_at.date(),
        name=controller.name,
        address=controller.address,
        contact=controller.contact,
    )
    headers = {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": ONE_CLICK}
    return Mail(said.subject, f"{said.text}\n\n-- \n{foot.strip()}\n", headers)


def _keep(vault: Vault, purpose: Purpose, wordings: Mapping[str, Wording]) -> Letter:
    whole = "\0".join(
        [purpose, *(part for code in LANGUAGES for part in (wordings[code].subject, wordings[code].text))]
    )
    digest = hashlib.sha256(whole.encode()).hexdigest()
    if vault.session.scalar(select(Letter.id).where(Letter.sha256 == digest)) is not None:
        raise LetterSent
    letter = Letter(
        id=uuid4(),
        purpose=purpose,
        sha256=digest,
        subject_en=wordings["en"].subject,
        text_en=wordings["en"].text,
        subject_de=wordings["de"].subject,
        text_de=wordings["de"].text,
        created_at=vault.now(),
    )
    vault.session.add(letter)
    vault.flush()
    return letter


def _find_permit(vault: Vault, subject_id: UUID, purpose: Purpose) -> Permit | None:
    """The permit to write to one person; about offers only to those who let offers be matched at all."""
    if purpose is Purpose.MAIL_PERKS and find_permit(vault, subject_id, MATCH) is None:
        return None
    return find_permit(vault, subject_id, Scope(purpose))


def _letter(vault: Vault, job: Job) -> Letter | None:
    return vault.session.get(Letter, UUID(job.facts["letter"]))
