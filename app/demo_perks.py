"""The last days of a demo's market: one offer that closes, one that runs, two in the making.

five days ago   flour is offered, and people take part day by day
yesterday       the flour is closed; bags are offered, and two more offers are being made
today           creators take up the bags, or learn why not
"""

from uuid import UUID

from app.demo import bring_in
from app.demo_archives import another_creator
from app.demo_life import Episode, Life, join, say, subject_of
from app.demo_market import Market, draft, publish, read_waiting, screened, ship_waiting, take
from app.demo_offers import BAGMAKER, MILL, bags, breakfast, flour, tour
from app.transaction import House
from consent.record import Choice
from explain.wording import Language
from perks.client import ApiScope, add_client
from perks.handover import leave
from perks.matching import take_part
from perks.offer import close_offer
from perks.participation import MATCH
from perks.post import Submission, submit_post
from perks.profile import PerkProfile, write_profile
from perks.review import ask_review
from sources.activity import Platform
from vault.desk import Vault

# Who takes the flour: people with an address, a choice of topics, and nothing else.
_TASTERS = (
    *("archivist", "binder", "cellist", "cook", "diver", "drummer", "farmer", "fiddler", "florist"),
    *("forester", "glazier", "joiner", "mason", "nurse", "painter", "roofer", "sailor", "singer"),
    *("tailor", "weaver"),
)
BEGAN, CLOSED = 5, 1  # days ago
_A_DAY = len(_TASTERS) // (BEGAN - CLOSED)
_LEFT_UNREAD = 6
_KEPT_BACK = 2  # parcels that are still to be sent
_ADDRESS = "Mühlenweg 1\n20000 Hafenstadt"


def flour_days(life: Life, market: Market) -> Episode:
    """Days in which people take the flour, until it is closed."""
    house, mill = life.house, market.brands[MILL.slug]
    people = join(house, [f"{name}@demo.example" for name in _TASTERS], "de")
    with house.open_vault("subject") as vault:
        for name, subject_id in zip(_TASTERS, people, strict=True):
            chosen = PerkProfile("DE", frozenset({"de"}), frozenset({"baking"}), name.capitalize())
            _match(house, vault, subject_id, "de", chosen)
    market.flour_id = offer_id = publish(house, mill, MILL.slug, flour, 40)
    for day in range(BEGAN - CLOSED):
        with house.open_vault("subject") as vault:
            for subject_id in people[day * _A_DAY : (day + 1) * _A_DAY]:
                take(vault, subject_id, offer_id, _ADDRESS)
        if day == 0:
            read_waiting(house, MILL.slug, offer_id)
        yield 1
    read_waiting(house, MILL.slug, offer_id, _LEFT_UNREAD)
    ship_waiting(house, MILL.slug, _KEPT_BACK)
    with house.open_vault("recipient", MILL.slug) as vault:
        close_offer(vault, mill, offer_id)


def lately(life: Life, market: Market) -> Episode:
    """Bags are offered, by a shop with a program, and two more offers are being made."""
    house, (mill, bagmaker) = life.house, (market.brands[one.slug] for one in (MILL, BAGMAKER))
    market.bags_id = publish(house, bagmaker, BAGMAKER.slug, bags, 60, codes=12)
    draft(house, bagmaker, tour, 90)
    screened(house, mill, breakfast, 45)
    with house.open_vault("recipient", BAGMAKER.slug) as vault:
        add_client(vault, bagmaker, "Shop", [ApiScope.PARTICIPANTS_READ, ApiScope.FIGURES_READ])
    yield from ()


def take_up(house: House, flour_id: UUID, bags_id: UUID) -> None:
    """Each stands somewhere else: done, a label that lacks, waiting, a no, a no in review, withdrawn."""
    potter, baker, rider, archivist, weaver = (
        subject_of(house, f"{name}@demo.example")
        for name in ("potter", "baker", "rider", _TASTERS[0], _TASTERS[-1])
    )
    gardener = bring_in(house, another_creator(house.clock().date()))
    own = (
        (potter, "Potter", "crafts", {Platform.X: "@topf_und_glasur"}),
        (baker, "Baker", "baking", {Platform.MASTODON: "@loaf@social.example"}),
        (rider, "Rider", "cycling", {Platform.X: "@canal_miles"}),
        (gardener, "Gardener", "gardening", {Platform.X: "@rows_and_beds"}),
    )
    with house.open_vault("subject") as vault:
        for subject_id, name, niche, handles in own:
            chosen = PerkProfile("DE", frozenset({"de", "en"}), frozenset({niche}), name, handles)
            _match(house, vault, subject_id, "en", chosen)
        for subject_id in (potter, rider):
            take(vault, subject_id, bags_id)
    read_waiting(house, BAGMAKER.slug, bags_id)
    with house.open_vault("subject") as vault:
        take(vault, gardener, bags_id, claims=False)
        _post(vault, potter, bags_id, "Die neue Tasche von Weitwind, danke! #sp")
        _post(vault, rider, bags_id, "Werbung: sixty kilometres of rain, and the bag stayed dry inside.")
        take_part(vault, baker, bags_id)
        take_part(vault, weaver, bags_id)
        ask_review(vault, weaver, bags_id, "I have no archive yet. May I show you my posts another way?")
        leave(vault, archivist, flour_id, "de")


def _match(house: House, vault: Vault, subject_id: UUID, language: str, chosen: PerkProfile) -> None:
    """Let offers be matched, and choose what they may ask about."""
    say(house, vault, subject_id, MATCH, Choice.GIVEN, language)
    write_profile(vault, subject_id, chosen)


def _post(vault: Vault, subject_id: UUID, offer_id: UUID, text: str) -> None:
    address = f"https://x.example/posts/{offer_id.hex}"
    submit_post(vault, subject_id, offer_id, Submission(address, text, Platform.X, "DE", Language.DE))
