"""What an offer says, whole: who pays, whom it is for, what is given and what is expected in return; pure.

`read_terms` names every field that lacks or cannot be used, and an offer is published only with none left
(DSA Art. 26(1): that it is advertising, on whose behalf, who paid, the main parameters; UCPD Annex I no. 11:
that a paid post says so). Why somebody sees an offer is said from `criteria` itself, so it cannot differ.

What a brand asks a person for is a list of fields; no address of theirs is among them: it goes to the shipper
under the contract, and to nobody else.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import rfc8785

from consent.part import SharedField
from model.inputs import Criterion
from perks.errors import OfferIncomplete, OfferUnusable
from perks.lists import COUNTRIES, CURRENCIES, LANGUAGES, NICHES
from perks.reading import Flaw, Reader, Why, day, one_of, text, whole
from sources.activity import Platform

LONGEST_WINDOW = timedelta(days=366)
MOST_PEOPLE = 100_000
# No relay for contacts exists, and an address of a person is never shared but delivered under the contract.
OFFERABLE = tuple(
    field for field in SharedField if field not in (SharedField.CONTACT_RELAY, SharedField.SHIPPING_ADDRESS)
)


class Kind(StrEnum):
    """What is given."""

    VOUCHER = "voucher"
    SAMPLE = "sample"
    DISCOUNT = "discount"
    INVITATION = "invitation"

    @property
    def needs_codes(self) -> bool:
        """Whether everybody gets a code of their own, out of the offer's stock."""
        return self in (Kind.VOUCHER, Kind.DISCOUNT)


class Assurance(StrEnum):
    """How sure a figure must be."""

    ANY = "any"
    LIVE = "live"  # asked of the platform itself, not brought in an archive


@dataclass(frozen=True)
class Wording:
    """A text in both languages of the service."""

    en: str
    de: str

    def said(self, language: str) -> str:
        """The text in one of them."""
        return self.de if language == "de" else self.en


@dataclass(frozen=True)
class Expected:
    """One post in return, on one of these platforms, within so many days of the claim."""

    platforms: frozenset[Platform]
    within_days: int


@dataclass(frozen=True)
class LabelClause:
    """How the post says that it is paid for, on one platform towards one country."""

    platform: Platform
    country: str
    wording: str


@dataclass(frozen=True)
class Criteria:
    """Whom an offer is for: the main parameters (DSA Art. 26(1)(d)); an empty set asks for nothing.

    min_score: 1 to 100. min_points: at least so many points for a criterion.
    """

    min_score: int | None
    min_points: Mapping[Criterion, int]
    platforms: frozenset[Platform]
    countries: frozenset[str]
    languages: frozenset[str]
    niches: frozenset[str]
    assurance: Assurance


@dataclass(frozen=True)
class Worth:
    """What it is worth to a creator, for the label duty and their own books; hundredths of a currency."""

    cents: int
    currency: str


@dataclass(frozen=True)
class OfferTerms:
    """One offer, complete.

    payer: who pays for it. on_behalf_of: in whose name it is made; often the same.
    redeem: how to use what was given, shown after the claim.
    expected: what is expected in return; None: nothing.
    admits_down_to: to which score a person may admit somebody by hand; None: to none below the line.
    shares: what the brand asks of a creator's data.
    shipper: of a sample: the recipient's short name that gets the address.
    """

    kind: Kind
    title: Wording
    text: Wording
    redeem: Wording
    payer: str
    on_behalf_of: str
    expected: Expected | None
    label: tuple[LabelClause, ...]
    criteria: Criteria
    admits_down_to: int | None
    quantity: int
    opens_on: date
    closes_on: date
    shares: frozenset[SharedField]
    shipper: str | None
    value: Worth

    @classmethod
    def from_json(cls, raw: object) -> "OfferTerms":
        """The terms that `to_json` wrote, or a program sent.

        Raises:
            OfferIncomplete, OfferUnusable: with the first field it concerns.
        """
        terms, flaws = read_terms(raw)
        if terms is None:
            raise refusal(flaws[0])
        return terms

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, sets in order."""
        return {name: _plain(value) for name, value in vars(self).items()}

    def canonical(self) -> bytes:
        """The bytes of the terms (RFC 8785)."""
        return rfc8785.dumps(self.to_json())

    @property
    def sha256(self) -> str:
        """What the terms are bound by."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def is_open(self, today: date) -> bool:
        """Whether the window is open."""
        return self.opens_on <= today <= self.closes_on

    def differs_only_in_words(self, other: "OfferTerms") -> bool:
        """Whether title, text and how to redeem are all that differs: whom it is for never changes."""
        return {**vars(self), **_WORDS} == {**vars(other), **_WORDS}


_WORDS = dict.fromkeys(("title", "text", "redeem"))


def read_terms(raw: object) -> tuple[OfferTerms | None, tuple[Flaw, ...]]:
    """The terms of an offer, or everything that keeps it from being one."""
    flaws: list[Flaw] = []
    reader = Reader(raw, flaws)
    found = {
        "kind": reader.take("kind", one_of(Kind)),
        "title": _wording(reader, "title", 80, lines=False),
        "text": _wording(reader, "text", 2000),
        "redeem": _wording(reader, "redeem", 600),
        "payer": reader.take("payer", text(150)),
        "on_behalf_of": reader.take("on_behalf_of", text(150)),
        "expected": _expected(reader),
        "label": _label(reader),
        "criteria": _criteria(reader),
        "admits_down_to": reader.take("admits_down_to", whole(1, 99), may_lack=True),
        "quantity": reader.take("quantity", whole(1, MOST_PEOPLE)),
        "opens_on": reader.take("opens_on", day),
        "closes_on": reader.take("closes_on", day),
        "shares": reader.take_set("shares", one_of(OFFERABLE)),
        "shipper": reader.take("shipper", text(61), may_lack=True),
        "value": _worth(reader),
    }
    reader.end()
    if not flaws:
        terms = OfferTerms(**found)
        _look_across(terms, reader)
        if not flaws:
            return terms, ()
    return None, tuple(flaws)


def check_draft(raw: object) -> None:
    """Refuse a draft with something in it that no offer could have; what still lacks may lack.

    Raises:
        OfferUnusable: with the first field it concerns.
    """
    _, flaws = read_terms(raw)
    for flaw in flaws:
        if flaw.why is not Why.MISSING:
            raise OfferUnusable(flaw.field)


def refusal(flaw: Flaw) -> OfferIncomplete | OfferUnusable:
    """A flaw as what is raised for it."""
    return OfferIncomplete(flaw.field) if flaw.why is Why.MISSING else OfferUnusable(flaw.field)


def _look_across(terms: OfferTerms, reader: Reader) -> None:
    """What single fields cannot show."""
    if not terms.opens_on <= terms.closes_on <= terms.opens_on + LONGEST_WINDOW:
        reader.flaw("closes_on", Why.UNUSABLE)
    least = terms.criteria.min_score
    if least is not None and SharedField.SCORE_BAND not in terms.shares:
        # Taking part tells the brand that the score is not below: so the band is among what is said.
        reader.flaw("shares", Why.UNUSABLE)
    if terms.admits_down_to is not None and (least is None or terms.admits_down_to > least):
        reader.flaw("admits_down_to", Why.UNUSABLE)
    if (terms.kind is Kind.SAMPLE) != (terms.shipper is not None):
        reader.flaw("shipper", Why.MISSING if terms.shipper is None else Why.UNUSABLE)
    _look_at_label(terms, reader)


def _look_at_label(terms: OfferTerms, reader: Reader) -> None:
    """A post that is expected has its label clause on every platform, towards every country it may be for."""
    said = [(clause.platform, clause.country) for clause in terms.label]
    if len(set(said)) != len(said):
        reader.flaw("label", Why.UNUSABLE)
    platforms = terms.expected.platforms if terms.expected is not None else frozenset()
    if platforms and not terms.criteria.countries:
        reader.flaw("criteria.countries", Why.MISSING)
    needed = {(platform, country) for platform in platforms for country in terms.criteria.countries}
    for platform, country in sorted(needed - set(said)):
        reader.flaw(f"label.{platform}.{country}", Why.MISSING)
    for platform, country in sorted(set(said) - needed):
        reader.flaw(f"label.{platform}.{country}", Why.UNUSABLE)


def _wording(reader: Reader, name: str, longest: int, *, lines: bool = True) -> Wording | None:
    below = reader.below(name)
    if below is None:
        return None
    found = {each: below.take(each, text(longest, lines=lines)) for each in ("en", "de")}
    below.end()
    return Wording(**found)


def _expected(reader: Reader) -> Expected | None:
    below = reader.below("expected", may_lack=True)
    if below is None:
        return None
    platforms = below.take_set("platforms", one_of(Platform))
    if not platforms:
        below.flaw("platforms", Why.MISSING)
    found = Expected(platforms, below.take("within_days", whole(1, 90)))
    below.end()
    return found


def _label(reader: Reader) -> tuple[LabelClause, ...]:
    clauses = []
    for below in reader.items("label"):
        platform = below.take("platform", one_of(Platform))
        country = below.take("country", one_of(COUNTRIES))
        clauses.append(LabelClause(platform, country, below.take("wording", text(40))))
        below.end()
    return tuple(sorted(clauses, key=lambda clause: (str(clause.platform), str(clause.country))))


def _criteria(reader: Reader) -> Criteria | None:
    below = reader.below("criteria")
    if below is None:
        return None
    points = below.below("min_points")
    found = Criteria(
        min_score=below.take("min_score", whole(1, 100), may_lack=True),
        min_points=_points(points) if points is not None else {},
        platforms=below.take_set("platforms", one_of(Platform)),
        countries=below.take_set("countries", one_of(COUNTRIES)),
        languages=below.take_set("languages", one_of(LANGUAGES)),
        niches=below.take_set("niches", one_of(NICHES)),
        assurance=below.take("assurance", one_of(Assurance)),
    )
    below.end()
    return found


def _points(reader: Reader) -> dict[Criterion, int]:
    found = {
        criterion: reader.take(criterion, whole(1, 20))
        for criterion in Criterion
        if criterion in reader.names()
    }
    reader.end()
    return found


def _worth(reader: Reader) -> Worth | None:
    below = reader.below("value")
    if below is None:
        return None
    found = Worth(below.take("cents", whole(0, 10_000_000)), below.take("currency", one_of(CURRENCIES)))
    below.end()
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, date | StrEnum):
        return str(value)
    if isinstance(value, frozenset):
        return sorted(str(each) for each in value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in sorted(value.items())}
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(each) for name, each in vars(value).items()}
    return value
