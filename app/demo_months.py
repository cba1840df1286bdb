"""What happens in a demo: some months of a small installation, lived through before it is shown.

What was planned for days before its first one is left out, so a short demo is the end of a long one.
"""

from collections.abc import Callable
from datetime import date

from app.demo import bring, bring_in, demo_people
from app.demo_archives import another_creator, demo_creators
from app.demo_audit import add_auditor, break_a_rule, rounds
from app.demo_life import PASSWORD, Episode, Letterbox, Life, begin, finish_jobs, subject_of
from app.demo_market import TEAM, Market, offered, opening
from app.demo_members import (
    MASTODON,
    RESEARCH,
    Members,
    change_of_mind,
    joining,
    leaving,
    news,
    research,
    signal,
    unconfirmed,
    visits,
)
from app.demo_offers import BAGMAKER, MILL, lights, rye
from app.demo_perks import BEGAN, CLOSED, flour_days, lately, take_up
from app.demo_rights import (
    add_desk,
    advertising,
    answered,
    by_letter,
    copy,
    extended,
    overridden,
    refused,
    restricted,
    reviewed,
)
from app.transaction import House
from app.worker import Worker
from perks.participation import MATCH
from rights.request import Right

DAYS = 91
_VISITS = 4  # a day at most
_JOINED = (  # days ago, and how many
    *((89, 8), (84, 4), (77, 4), (70, 4), (63, 4), (56, 3), (49, 3), (42, 3), (35, 3)),
    *((28, 3), (21, 3), (14, 3)),
)
_ANSWERED_AFTER = (0, 16, 0, 19, 0, 24, 1, 28, 0, 17, 0, 22, 3, 27, 0, 18, 0, 21, 0, 15, 5, 16, 0, 4)
_STILL_OPEN = (9, 6, 4, 2)  # since so many days


def fill_demo(house: House, days: int, told: Callable[[int], None]) -> None:
    """Live through some days before today, in an installation that was made for it, and bring in the rest."""
    life, market = begin(house), Market()
    _plan(life, market, days)
    life.live(days, told)
    _bring_today(house)
    Worker(house, Letterbox()).tidy_if_due()  # today's round, so that little is left to do for the service
    finish_jobs(house)
    if market.flour_id is not None and market.bags_id is not None:
        take_up(house, market.flour_id, market.bags_id)
        finish_jobs(house)
    break_a_rule(house, subject_of(house, "potter@demo.example"))
    add_auditor(house)


def demo_team() -> tuple[tuple[str, str], ...]:
    """Address and password of who acts for the brands."""
    return ((TEAM, PASSWORD),)


def demo_guests(house: House) -> tuple[tuple[str, str], ...]:
    """Address and password of the creator who is there for an offer only."""
    return ((another_creator(house.clock().date()).email, PASSWORD),)


def _plan(life: Life, market: Market, days: int) -> None:
    """When what begins; what is planned first is first on a day."""
    members = Members()
    life.plan(min(days, 79), opening(life, market))
    life.plan(BEGAN, flour_days(life, market))
    life.plan(CLOSED, lately(life, market))
    life.plan(min(days, 90), _staff(life))
    life.plan(min(days, 88), rounds(life))
    first = 1
    for days_ago, how_many in _JOINED:
        life.plan(days_ago, joining(life, members, range(first, first + how_many)))
        first += how_many
    for number, days_ago in enumerate((83, 61, 39, 17)):
        life.plan(days_ago, unconfirmed(life, number))
    for (email, _), days_ago in zip(demo_people(life.house), (88, 71, 52), strict=True):
        life.plan(days_ago, _returning(life, email))
    life.plan(85, visits(life, members, _VISITS))
    life.plan(60, news(life))
    life.plan(70, research(life))
    _plan_offers(life, market, members)
    _plan_stories(life, members)
    _plan_requests(life, members)


def _plan_offers(life: Life, market: Market, members: Members) -> None:
    life.plan(76, offered(life, market, members, MILL.slug, rye, 18))
    life.plan(36, offered(life, market, members, BAGMAKER.slug, lights, 21))


def _plan_stories(life: Life, members: Members) -> None:
    """What some members change, and when some leave."""
    for number, days_ago in enumerate(range(80, 8, -7)):
        scope = (RESEARCH, MATCH, MASTODON)[number % 3]
        life.plan(days_ago, change_of_mind(life, members, scope, 6 + number))
    for days_ago in range(72, 2, -7):
        life.plan(days_ago, leaving(life, members))
    for days_ago in (68, 31):
        life.plan(days_ago, signal(life, members))


def _plan_requests(life: Life, members: Members) -> None:
    """Requests of every kind; those planned late are still open today, and in time."""
    rights = (Right.ACCESS, Right.RECTIFICATION, Right.ERASURE, Right.PORTABILITY)
    for number, after in enumerate(_ANSWERED_AFTER):
        life.plan(87 - 3 * number, answered(life, members, rights[number % 4], after))
    for days_ago in _STILL_OPEN:
        life.plan(days_ago, answered(life, members, Right.ACCESS, 28))
    for days_ago in (36,):
        life.plan(days_ago, copy(life, members, comes_back_after=4))
    for days_ago in range(85, 12, -7):
        life.plan(days_ago, refused(life, members))
    for days_ago in range(82, 12, -7):
        life.plan(days_ago, overridden(life, members))
    for days_ago in range(83, 7, -7):
        life.plan(days_ago, reviewed(life, members, 3 + days_ago % 9))
    for days_ago in (79, 64, 47, 33, 18):
        life.plan(days_ago, restricted(life, members, 8))
    for days_ago in (65, 40, 25):
        life.plan(days_ago, advertising(life, members))
    for days_ago in (66, 43, 24):
        life.plan(days_ago, by_letter(life, members, 4))
    for days_ago, after in ((86, 70), (71, 48)):
        life.plan(days_ago, extended(life, members, after))


def _staff(life: Life) -> Episode:
    add_desk(life.house)
    yield from ()


def _returning(life: Life, email: str) -> Episode:
    """A creator who joins, and brings newer archives every four weeks."""
    while True:
        _bring_one(life.house, email, life.today)
        yield 28


def _bring_today(house: House) -> None:
    for email, _ in demo_people(house):
        _bring_one(house, email, house.clock().date())


def _bring_one(house: House, email: str, today: date) -> None:
    made = demo_creators(today, house.clock().date())
    (creator,) = (one for one in made if one.email == email)
    known = house.keystore.find_subject(email)
    if known is None:
        bring_in(house, creator)
    else:
        bring(house, known, creator)
