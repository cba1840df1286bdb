"""What everybody may read beforehand: the notices of Art. 13 and 14, in layers and two languages.

    one line  ->  half a page  ->  every part the law asks for, with its article

Made from the registry of purposes, what the tables declare, the processors and the weighed interests, so a
purpose, a table or a recipient that is new stands in the notice or the notice cannot be made. What only the
pages know (the words of tables and purposes) is given: `House`. Shown at /privacy, /privacy/young-people and
/people-in-archives, and committed as docs/*-notice.*.md.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from consent.controller import Controller
from consent.notice import NAMES
from explain.wording import Language, Words
from rights.documents.catalogue import Processor, interests, receivers
from rights.documents.registry import Table, every_table, named_processors, purposes_and_bases, told_tables
from rights.request import Right
from vault.holding import Fate
from vault.holdings import holding_of

WORDS = Words(Path(__file__).parent / "words")
HALF_PAGE = 8  # paragraphs at most, short_1 to short_8


class Audience(StrEnum):
    """Whom a notice is for."""

    PRIVACY = (
        "privacy"  # whoever has an account or thinks of having one: Art. 13, and 14 for what archives say
    )
    ARCHIVES = "archives"  # people in archives that others bring: Art. 14
    MINORS = "minors"  # whoever is younger than 18: rec. 58


@dataclass(frozen=True)
class House:
    """What is known above: what the pages call a table, a purpose or a basis, and who answers."""

    words: Callable[[str], str]
    controller: Controller
    language: Language


@dataclass(frozen=True)
class Part:
    """One thing the law wants told, where it says so, and what there is to say: paragraphs, then a list."""

    key: str
    title: str
    articles: tuple[str, ...]
    says: tuple[str, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class PublicNotice:
    """A notice in three layers."""

    audience: Audience
    language: Language
    title: str
    line: str
    short: tuple[str, ...]
    parts: tuple[Part, ...]

    def part(self, key: str) -> Part:
        """The part of a key."""
        return next(one for one in self.parts if one.key == key)

    @property
    def articles(self) -> frozenset[str]:
        """Every provision something is said for."""
        return frozenset(article for part in self.parts for article in part.articles)


def public_notice(audience: Audience, house: House) -> PublicNotice:
    """The notice for somebody, as it stands today.

    Raises:
        RecipientUnnamed: data go to somebody whom nothing names.

    Source: GDPR Art. 12(1), 13(1) to (3), 14(1), (2), (5)(b).
    """
    say = _Saying(audience, house)
    parts = {Audience.PRIVACY: _privacy, Audience.ARCHIVES: _archives, Audience.MINORS: _minors}[audience]
    short = (f"{audience}.short_{number}" for number in range(1, HALF_PAGE + 1))
    return PublicNotice(
        audience,
        house.language,
        say("title"),
        say("line"),
        tuple(WORDS.say(key, house.language) for key in short if key in WORDS.keys(house.language)),
        tuple(parts(say, house)),
    )


class _Saying:
    """The words of one notice in one language."""

    def __init__(self, audience: Audience, house: House) -> None:
        self._audience, self._language = audience, house.language

    def __call__(self, key: str, **facts: object) -> str:
        return WORDS.say(f"{self._audience}.{key}", self._language, **facts)

    def common(self, key: str, **facts: object) -> str:
        return WORDS.say(key, self._language, **facts)

    def part(self, key: str, articles: str, *says: str, names: Iterable[str] = ()) -> Part:
        """`articles` by commas."""
        return Part(key, self.common(f"title.{key}"), tuple(articles.split(", ")), says, tuple(names))


def _privacy(say: _Saying, house: House) -> Iterator[Part]:
    yield from _who_answers(say, house, "13(1)(a), 14(1)(a)", "13(1)(b), 14(1)(b)")
    pairs = (_purpose(say, house, purpose, basis) for purpose, basis in purposes_and_bases())
    yield say.part("purposes", "13(1)(c), 14(1)(c)", say("purposes"), names=pairs)
    weighed = (one.said(house.language) for one in interests())
    yield say.part("interests", "13(1)(d), 14(2)(b)", say("interests"), names=weighed)
    held = (_held(say, house, table) for table in told_tables())
    yield say.part("held", "13(2)(a), 14(1)(d), 14(2)(a)", say("held"), names=held)
    ours = (_processor(say, one.in_language(house.language)) for one in named_processors())
    by_themselves = (one.said(house.language) for one in receivers())
    says = (say("recipients"), *by_themselves, say("processors"))
    yield say.part("recipients", "13(1)(e), 14(1)(e)", *says, names=ours)
    yield say.part("transfers", "13(1)(f), 14(1)(f)", say("transfers"))
    demands = (say.common(f"right.{right}") for right in Right)
    yield say.part("rights", "13(2)(b), 14(2)(c)", say.common("common.rights"), names=demands)
    yield say.part("withdrawal", "13(2)(c), 14(2)(d)", say("withdrawal"))
    yield _complaint(say, house, "13(2)(d), 14(2)(e)")
    yield say.part("required", "13(2)(e)", say("required"))
    yield say.part("automated", "13(2)(f), 14(2)(g)", say("automated"), say("human"))
    read = (say("platform", platform=name) for name in NAMES.values())
    yield say.part("sources", "14(2)(f)", say("sources"), names=read)
    yield say.part("other", "13(3), 14(4)", say("other"))
    yield say.part("cookies", "ePrivacy 5(3)", say("cookies"))


def _archives(say: _Saying, house: House) -> Iterator[Part]:
    tables, told = every_table(), told_tables()
    personal = sum(bool(holding_of(table).personal) for table in tables)
    schema = say("schema", tables=len(tables), personal=personal)
    about = (_what(house, table) for table in told if holding_of(table).personal)
    yield say.part("answer", "14(1)(d)", say("answer"), say("blocklist"), schema, names=about)
    kept = (_what(house, table) for table in told if holding_of(table).fate is Fate.KEPT)
    yield say.part("kept", "14(1)(d), 11", say("kept"), names=kept)
    yield say.part("transit", "14(1)(d)", say("transit"))
    yield from _who_answers(say, house, "14(1)(a)", "14(1)(b)")
    yield say.part("purposes", "14(1)(c), 11", say("purposes"))
    yield say.part("interests", "14(2)(b)", say("interests"))
    yield say.part("recipients", "14(1)(e)", say("recipients"))
    yield say.part("transfers", "14(1)(f)", say("transfers"))
    yield say.part("held", "14(2)(a)", say("held"))
    yield say.part("rights", "14(2)(c)", say("rights"))
    yield say.part("withdrawal", "14(2)(d)", say("withdrawal"))
    yield _complaint(say, house, "14(2)(e)")
    yield say.part("sources", "14(2)(f)", say("sources", platforms=", ".join(NAMES.values())))
    yield say.part("automated", "14(2)(g)", say("automated"))
    yield say.part("untold", "14(5)(b)", say("untold"))


def _minors(say: _Saying, house: House) -> Iterator[Part]:
    authority = house.controller.authority
    yield say.part("who", "8", say("who"))
    yield say.part("what", "13(2)(a)", say("what"))
    yield say.part("purposes", "13(1)(c), 13(2)(f)", say("purposes"))
    yield say.part("never", "DSA 28(2)", say("never"))
    yield say.part("own_rights", "13(2)(b)", say("rights"))
    yield say.part("withdrawal", "13(2)(c)", say("withdrawal"))
    complaint = say("complaint", authority=authority.name, url=authority.url)
    whom = say("help", contact=house.controller.contact)
    yield say.part("help", "13(1)(a), 13(2)(d)", whom, complaint, say("more"))


def _who_answers(say: _Saying, house: House, controller: str, officer: str) -> Iterator[Part]:
    named = house.controller
    facts = {"name": named.name, "address": named.address, "contact": named.contact}
    yield say.part("controller", controller, say.common("common.controller", **facts))
    reach = say.common("common.officer", officer=named.dpo) if named.dpo else say.common("common.no_officer")
    yield say.part("officer", officer, reach)


def _complaint(say: _Saying, house: House, articles: str) -> Part:
    authority = house.controller.authority
    said = say.common("common.complaint", authority=authority.name, url=authority.url)
    return say.part("complaint", f"{articles}, 77", said, say.common("common.court"))


def _held(say: _Saying, house: House, table: Table) -> str:
    retained = house.words(f"holding.{table.__tablename__}.retained")
    return say.common("common.held", what=_what(house, table), retained=retained)


def _processor(say: _Saying, one: Processor) -> str:
    facts = {"name": one.name, "does": one.does, "country": one.country, "when": one.when}
    if one.transfer_tool is None:
        return say.common("common.processor", **facts)
    tool = say.common(f"common.tool_{one.transfer_tool}")
    return say.common("common.processor_abroad", **facts, tool=tool)


def _purpose(say: _Saying, house: House, purpose: str, basis: str) -> str:
    facts = {"purpose": house.words(f"purpose.{purpose}"), "basis": house.words(f"basis.{basis}")}
    return say.common("common.purpose", **facts)


def _what(house: House, table: Table) -> str:
    return house.words(f"holding.{table.__tablename__}.what")
