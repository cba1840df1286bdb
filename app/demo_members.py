"""The members of a demo's last months: they join, decide, bring small archives, are looked at, and leave.

What they decide and when is arithmetic from a fixed start. None of them is anybody.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from app.confirming import confirm_consent
from app.demo_archives import member_archive
from app.demo_life import Episode, Letterbox, Life, finish_jobs, join, open_unconfirmed, say
from app.erasing import erase_account
from app.imports import enqueue_upload, open_upload
from app.letters import Wording, queue_letter
from app.profile import open_page, own_page, profile_scope
from app.researching import build_into, destroy
from consent.part import SharedField
from consent.purpose import Purpose, Scope, score_scope
from consent.record import Choice, find_in_force
from consent.signal import hear
from model.errors import TooFewPeople
from model.research import research_scope
from perks.participation import MATCH
from perks.profile import PerkProfile, write_profile
from sources.activity import Platform
from vault.desk import Vault

MASTODON = score_scope(Platform.MASTODON)
RESEARCH = research_scope()
NEWS, NEW_OFFERS = Scope(Purpose.MAIL_NEWS), Scope(Purpose.MAIL_PERKS)
_FIELDS = (SharedField.DISPLAY_NAME, SharedField.SCORE_BAND, SharedField.SCORE)
_NEWS = {
    "en": Wording("News from the harbour", "Two brands are new, and the points card has a page of its own."),
    "de": Wording("Neues vom Hafen", "Zwei Marken sind neu, und die Punktekarte hat eine eigene Seite."),
}


@dataclass(eq=False)
class Member:
    """Somebody invented, and what the others ask about them."""

    number: int
    subject_id: UUID
    page: str | None = None  # the random name of what they show to everybody

    @property
    def address(self) -> str:
        return _address(self.number)

    @property
    def language(self) -> str:
        return "de" if self.number % 3 else "en"

    @property
    def brings(self) -> bool:
        """Whether they bring an archive."""
        return self.number % 3 == 0

    @property
    def matches(self) -> bool:
        """Whether they let offers be matched."""
        return self.number % 4 != 1


@dataclass
class Members:
    """Who is there, and who leaves."""

    here: list[Member] = field(default_factory=list)
    busy: set[int] = field(default_factory=set)  # those with a story of their own

    def choose(self, life: Life, *, brings: bool | None = None) -> Member | None:
        """Somebody who has nothing else going on, for a story of their own."""
        free = [one for one in self.here if one.number not in self.busy and brings in (None, one.brings)]
        if not free:
            return None
        chosen = free[next(life.draw) % len(free)]
        self.busy.add(chosen.number)
        return chosen


def joining(life: Life, members: Members, numbers: range) -> Episode:
    """Some people join on one day, decide, and bring archives; again some weeks later."""
    for language in ("en", "de"):
        asked = [number for number in numbers if Member(number, UUID(int=0)).language == language]
        people = join(life.house, [_address(number) for number in asked], language)
        members.here += [Member(*one) for one in zip(asked, people, strict=True)]
    new = [one for one in members.here if one.number in numbers]
    with life.house.open_vault("subject") as vault:
        for one in new:
            _decide(life, vault, one)
    post = Letterbox()
    finish_jobs(life.house, post)
    for token in post.tokens(f"{life.house.config.public_url}/mail/confirm"):
        confirm_consent(life.house, token, is_asked_now=False, despite_signal=False)
    while True:
        for one in new:
            if one.brings and one in members.here and one.number not in members.busy:
                _bring(life, one)
        life.finish_jobs()
        for one in new:
            one.page = _page(life, one) if one in members.here else None
        yield 35


def unconfirmed(life: Life, number: int) -> Episode:
    """Somebody who never follows the link: a day later the account is gone."""
    open_unconfirmed(life.house, f"nobody-{number:02}@demo.example", "en")
    finish_jobs(life.house)
    yield from ()


def visits(life: Life, members: Members, until: int) -> Episode:
    """Visitors open pages, more of them as there are more."""
    while True:
        pages = [one.page for one in members.here if one.page]
        with life.house.open_vault("visitor") as vault:
            for _ in range(min(until, len(pages) // 2)):
                open_page(vault, pages[next(life.draw) % len(pages)] or "")
        yield 1


def news(life: Life) -> Episode:
    """A letter to whoever asked for news, once a month."""
    while True:
        day = life.house.clock().date()
        wordings = {code: Wording(f"{said.subject} ({day:%m/%Y})", said.text) for code, said in _NEWS.items()}
        with life.house.open_vault("operator") as vault:
            queue_letter(vault, Purpose.MAIL_NEWS, wordings)
        yield 30


def research(life: Life) -> Episode:
    """Training data of those who agree, made anew; what came before is destroyed."""
    folder = life.house.config.home / "research"
    folder.mkdir(mode=0o700, exist_ok=True)
    before = None
    while True:
        directory = folder / f"{life.house.clock():%Y-%m-%d}"
        try:
            made = build_into(life.house, directory)
        except TooFewPeople:
            yield 7
            continue
        if before is not None:
            destroy(life.house, *before)
        before = made.id, directory
        yield 7


def change_of_mind(life: Life, members: Members, scope: Scope, rests: int) -> Episode:
    """Somebody withdraws, and says yes again later."""
    one = members.choose(life, brings=True)
    if one is None:
        return
    with life.house.open_vault("subject") as vault:
        if find_in_force(vault, one.subject_id, scope) is None:
            return
        say(life.house, vault, one.subject_id, scope, Choice.WITHDRAWN, one.language)
    yield rests
    with life.house.open_vault("subject") as vault:
        say(life.house, vault, one.subject_id, scope, Choice.GIVEN, one.language)
        if scope == MATCH:  # what was chosen went with the consent
            _choose(vault, one)
    members.busy.discard(one.number)


def signal(life: Life, members: Members) -> Episode:
    """A browser asks not to share."""
    one = members.choose(life)
    if one is not None:
        with life.house.open_vault("subject") as vault:
            hear(vault, one.subject_id)
    yield from ()


def leaving(life: Life, members: Members) -> Episode:
    """Somebody erases their account."""
    one = members.choose(life)
    if one is not None:
        members.here.remove(one)
        erase_account(life.house, one.subject_id, life.post)
    yield from ()


def _decide(life: Life, vault: Vault, one: Member) -> None:
    """Go through the page of consents once; most leave something as it was."""
    for scope, choice, name in _choices(life, one):
        say(life.house, vault, one.subject_id, scope, choice, one.language, name)
    if one.matches:
        _choose(vault, one)


def _choices(life: Life, one: Member) -> Iterator[tuple[Scope, Choice, str | None]]:
    for scope, is_wanted in ((MASTODON, one.brings), (MATCH, one.matches), (RESEARCH, one.brings)):
        if is_wanted or not life.chance(3):
            yield scope, Choice.GIVEN if is_wanted else Choice.REFUSED, None
    for scope in (NEWS, NEW_OFFERS):
        if not life.chance(3):
            yield scope, Choice.GIVEN if life.chance(3) else Choice.REFUSED, None
    for shown in _FIELDS:
        if one.number % 2:
            if life.chance(2):
                yield profile_scope(shown), Choice.REFUSED, None
        elif one.brings or shown is SharedField.DISPLAY_NAME:
            name = f"Member {one.number}" if shown is SharedField.DISPLAY_NAME else None
            yield profile_scope(shown), Choice.GIVEN, name


def _choose(vault: Vault, one: Member) -> None:
    chosen = PerkProfile("DE", frozenset({"de"}), frozenset({"baking", "cycling"}), f"Member {one.number}")
    write_profile(vault, one.subject_id, chosen)


def _bring(life: Life, one: Member) -> None:
    with life.house.open_vault("subject") as vault:
        if find_in_force(vault, one.subject_id, MASTODON) is None:
            return
    upload = open_upload(life.house, one.subject_id, Platform.MASTODON)
    upload.writer.write(member_archive(one.number, life.today, _day(life)))
    enqueue_upload(life.house, one.subject_id, upload)


def _day(life: Life) -> date:
    return life.house.clock().date()


def _page(life: Life, one: Member) -> str | None:
    with life.house.open_reading_vault() as vault:
        return own_page(vault, one.subject_id).slug


def _address(number: int) -> str:
    return f"member-{number:02}@demo.example"
