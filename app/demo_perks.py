"""Two invented brands of a demo, their offers, and who takes part: through the same doors as anybody.

    five days ago   a team signs up two brands; flour is offered, and people take part day by day
    yesterday       the flour is closed; bags are offered, and two more offers are being made
    today           creators take up the bags, or learn why not

Those days are lived through on a clock set back, worker and all, so that there are figures to look at and a
log in its order. The domains end in .example, which nobody can prove, so the operator's door is taken, as for
a brand that is checked on paper.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from app.brands import sign_up
from app.config import Config
from app.demo import PASSWORD, agree, bring_in, demo_people, fill, finish_jobs, join_and_confirm, tidy
from app.demo_archives import another_creator
from app.demo_audit import add_auditor, break_a_rule
from app.demo_offers import BAGMAKER, MILL, bags, breakfast, flour, tour
from app.transaction import House, system_clock
from consent.recipient import PRESENT_TERMS, require_recipient
from explain.wording import Language
from perks.brand import NewBrand, accept_present_terms, verify_by_operator
from perks.claim import claim, ship, to_ship
from perks.client import ApiScope, add_client
from perks.codes import add_codes
from perks.handover import Yes, consent, leave, preview, read, waiting_ids
from perks.matching import take_part
from perks.offer import close_offer, create_offer, publish_offer, screen_offer
from perks.participation import MATCH
from perks.post import Submission, submit_post
from perks.profile import PerkProfile, write_profile
from perks.review import ask_review
from perks.use_context import UseContext
from sources.activity import Platform

TEAM = "team@demo.example"
# Who takes the flour: people with an address, a choice of topics, and nothing else.
_TASTERS = (
    *(
        "archivist",
        "binder",
        "cellist",
        "cook",
        "diver",
        "drummer",
        "farmer",
        "fiddler",
        "florist",
        "forester",
    ),
    *("glazier", "joiner", "mason", "nurse", "painter", "roofer", "sailor", "singer", "tailor", "weaver"),
)
_BEGAN, _CLOSED = 5, 1  # days ago; short of the days after which a log lacks a new KEK
_A_DAY = len(_TASTERS) // (_BEGAN - _CLOSED)
_LEFT_UNREAD = 6
_KEPT_BACK = 2  # parcels that are still to be sent


def demo_team() -> tuple[tuple[str, str], ...]:
    """Address and password of who acts for the brands."""
    return ((TEAM, PASSWORD),)


def demo_guests(house: House) -> tuple[tuple[str, str], ...]:
    """Address and password of the creator who is there for an offer only."""
    return ((another_creator(house.clock().date()).email, PASSWORD),)


def opening_clock(config: Config) -> Callable[[], datetime]:
    """By which clock an installation for a demo is made: one set back, if there is none yet."""
    return system_clock if config.secrets.is_dir() else _set_back(system_clock, _BEGAN)


def fill_demo(house: House) -> None:
    """Bring in everybody who is not there yet; a demo of before there were brands gets none."""
    is_new = all(house.keystore.find_subject(address) is None for address, _ in demo_people(house))
    offers = _past(house) if is_new else None
    fill(house)
    if offers is not None:
        _today(house, *offers)
        break_a_rule(house, _creator(house, "potter"))
    add_auditor(house)


def _past(house: House) -> tuple[UUID, UUID]:
    """The days before today; returns the flour and the bags."""
    then = _days_ago(house, _BEGAN)
    team = join_and_confirm(then, TEAM, "en")
    mill, bagmaker = (_brand(then, team, new) for new in (MILL, BAGMAKER))
    flour_id = _flour(house, mill)
    lately = _days_ago(house, _CLOSED)
    bags_id = _offer(lately, bagmaker, BAGMAKER.slug, bags(*_window(lately, 60)), codes=12)
    _draft(lately, bagmaker, tour(*_window(lately, 90)))
    _screened(lately, mill, breakfast(*_window(lately, 45)))
    with lately.open_vault("recipient", BAGMAKER.slug) as vault:
        add_client(vault, bagmaker, "Shop", [ApiScope.PARTICIPANTS_READ, ApiScope.FIGURES_READ])
    return flour_id, bags_id


def _days_ago(house: House, days: int) -> House:
    """The same house with its clock so many days back."""
    return replace(house, clock=_set_back(house.clock, days))


def _set_back(clock: Callable[[], datetime], days: int) -> Callable[[], datetime]:
    return lambda: clock() - timedelta(days=days)


def _window(house: House, days: int) -> tuple[date, date]:
    today = house.clock().date()
    return today, today + timedelta(days=days)


def _brand(house: House, team: UUID, new: NewBrand) -> UUID:
    sign_up(house, team, new)
    finish_jobs(house)
    with house.open_vault("recipient", new.slug) as vault:
        accept_present_terms(vault, new.slug, PRESENT_TERMS)
    with house.open_vault("operator") as vault:
        verify_by_operator(vault, new.slug)
        return require_recipient(vault, new.slug).id


def _draft(house: House, brand_id: UUID, terms: dict[str, Any]) -> UUID:
    with house.open_vault("recipient") as vault:
        return create_offer(vault, brand_id, terms).id


def _screened(house: House, brand_id: UUID, terms: dict[str, Any]) -> UUID:
    offer_id = _draft(house, brand_id, terms)
    with house.open_vault("recipient") as vault:
        screen_offer(vault, brand_id, offer_id)
    return offer_id


def _offer(house: House, brand_id: UUID, slug: str, terms: dict[str, Any], codes: int = 0) -> UUID:
    offer_id = _screened(house, brand_id, terms)
    with house.open_vault("recipient", slug) as vault:
        add_codes(
            vault, brand_id, offer_id, [f"{slug.upper()}-{7919 * number:06}" for number in range(codes)]
        )
        publish_offer(vault, brand_id, offer_id)
    return offer_id


def _flour(house: House, mill: UUID) -> UUID:
    """Days in which people take the flour, until it is closed; each begins with what the worker does."""
    then = _days_ago(house, _BEGAN)
    people = [_taster(then, name) for name in _TASTERS]
    offer_id = _offer(then, mill, MILL.slug, flour(*_window(then, 40)))
    for day in range(_BEGAN, _CLOSED, -1):
        on_that_day = _days_ago(house, day)
        tidy(on_that_day)
        first = (_BEGAN - day) * _A_DAY
        for subject_id in people[first : first + _A_DAY]:
            _take(on_that_day, subject_id, offer_id, address="Mühlenweg 1\n20000 Hafenstadt")
        if day == _BEGAN:
            _read_waiting(on_that_day, MILL.slug, offer_id)
    at_last = _days_ago(house, _CLOSED)
    tidy(at_last)
    _read_waiting(at_last, MILL.slug, offer_id, _LEFT_UNREAD)
    _ship(at_last, MILL.slug)
    with at_last.open_vault("recipient", MILL.slug) as vault:
        close_offer(vault, mill, offer_id)
    return offer_id


def _taster(house: House, name: str) -> UUID:
    subject_id = join_and_confirm(house, f"{name}@demo.example", "de")
    chosen = PerkProfile("DE", frozenset({"de"}), frozenset({"baking"}), name.capitalize())
    _match(house, subject_id, "de", chosen)
    return subject_id


def _match(house: House, subject_id: UUID, language: str, chosen: PerkProfile) -> None:
    """Let offers be matched, and choose what they may ask about."""
    agree(house, subject_id, MATCH, language)
    with house.open_vault("subject") as vault:
        write_profile(vault, subject_id, chosen)


def _take(
    house: House, subject_id: UUID, offer_id: UUID, address: str | None = None, *, claims: bool = True
) -> None:
    """Opt in, look at the values, agree to them, and claim."""
    with house.open_vault("subject") as vault:
        take_part(vault, subject_id, offer_id)
        shown = preview(vault, subject_id, offer_id, "en")
        if shown is None:
            raise RuntimeError("Somebody invented does not reach what was made for them.")
        consent(vault, subject_id, offer_id, Yes(shown.digest, "en", shown.seen))
        if claims:
            claim(vault, subject_id, offer_id, address)


def _read_waiting(house: House, slug: str, offer_id: UUID, left: int = 0) -> None:
    with house.open_reading_vault("recipient", slug) as vault:
        waiting = waiting_ids(vault, offer_id)
    for one in waiting[left:]:
        with house.open_vault("recipient", slug) as vault:
            read(vault, require_recipient(vault, slug), one, UseContext.OFFER_FULFILMENT)


def _ship(house: House, slug: str) -> None:
    with house.open_reading_vault("recipient", slug) as vault:
        waiting = to_ship(vault, require_recipient(vault, slug))
    for one in waiting[_KEPT_BACK:]:
        with house.open_vault("recipient", slug) as vault:
            ship(vault, require_recipient(vault, slug), one)


def _today(house: House, flour_id: UUID, bags_id: UUID) -> None:
    """Each stands somewhere else: done, a label that lacks, waiting, a no, a no in review, withdrawn."""
    potter, baker, rider = (_creator(house, name) for name in ("potter", "baker", "rider"))
    gardener = bring_in(house, another_creator(house.clock().date()))
    for subject_id, name, niche, handles in (
        (potter, "Potter", "crafts", {Platform.X: "@topf_und_glasur"}),
        (baker, "Baker", "baking", {Platform.MASTODON: "@loaf@social.example"}),
        (rider, "Rider", "cycling", {Platform.X: "@canal_miles"}),
        (gardener, "Gardener", "gardening", {Platform.X: "@rows_and_beds"}),
    ):
        chosen = PerkProfile("DE", frozenset({"de", "en"}), frozenset({niche}), name, handles)
        _match(house, subject_id, "en", chosen)
    for subject_id in (potter, rider):
        _take(house, subject_id, bags_id)
    _read_waiting(house, BAGMAKER.slug, bags_id)
    _take(house, gardener, bags_id, claims=False)
    _post(house, potter, bags_id, "Die neue Tasche von Weitwind, danke! #sp")
    _post(house, rider, bags_id, "Werbung: sixty kilometres of rain, and the bag stayed dry inside.")
    archivist, weaver = (_creator(house, name) for name in (_TASTERS[0], _TASTERS[-1]))
    with house.open_vault("subject") as vault:
        take_part(vault, baker, bags_id)
        take_part(vault, weaver, bags_id)
        ask_review(vault, weaver, bags_id, "I have no archive yet. May I show you my posts another way?")
        leave(vault, archivist, flour_id, "de")


def _post(house: House, subject_id: UUID, offer_id: UUID, text: str) -> None:
    address = f"https://x.example/posts/{offer_id.hex}"
    with house.open_vault("subject") as vault:
        submit_post(vault, subject_id, offer_id, Submission(address, text, Platform.X, "DE", Language.DE))


def _creator(house: House, name: str) -> UUID:
    subject_id = house.keystore.find_subject(f"{name}@demo.example")
    if subject_id is None:
        raise RuntimeError("Somebody invented is not there.")
    return subject_id
