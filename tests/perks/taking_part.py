"""People who take part in offers, through the real ways."""

from typing import Any
from uuid import UUID

from app.ages import declare_age
from app.transaction import House
from consent.decision import give, withdraw
from consent.disclosure import Disclosed
from consent.notice import notice
from consent.recipient import require_recipient
from explain.wording import Language
from perks.handover import Yes, consent, preview, read
from perks.matching import take_part
from perks.participation import MATCH, Participation, require_participation
from perks.post import Submission
from perks.profile import PerkProfile, write_profile
from perks.use_context import UseContext
from sources.activity import Platform
from tests.app.releasing_people import scored_person
from tests.making import persons, tweet, x_archive, x_file
from tests.people import Person, give_consent, import_archive, new_person
from tests.perks.offering import SLUG, new_offer
from vault.subject import AgeBand

CHOSEN = PerkProfile(
    country="DE",
    languages=frozenset({"de"}),
    niches=frozenset({"gardening"}),
    display_name="Ada",
    handles={Platform.X: "@lovelace-handle"},
)
# What both kinds of creators reach.
REACHED = {
    "min_score": 2,
    "min_points": {},
    "platforms": ["x"],
    "countries": ["DE"],
    "languages": ["de"],
    "niches": ["gardening"],
    "assurance": "any",
}
GOOD_POST = Submission(
    url="https://www.instagram.com/p/abc123/",
    text="Anzeige: Saatgut von Rosengarten, und so sieht mein Beet jetzt aus.",
    platform=Platform.INSTAGRAM,
    country="DE",
    language=Language.DE,
)


def fresh_zip(followers: int = 900) -> bytes:
    """A small X archive of the week before the tests' day, which reaches as much."""
    at = ("Mon Nov 16 20:19:24 +0000 2026", "Tue Nov 17 08:00:00 +0000 2026")
    rows = [tweet(number, created_at=day, favorite_count="30") for number, day in enumerate(at, start=1)]
    return x_archive(rows, **{"data/follower.js": x_file("follower", persons("follower", followers))})


def an_offer(house: House, recipient_id: UUID, **changes: Any) -> UUID:
    """A published offer that the small archive reaches, unless changed."""
    return new_offer(house, recipient_id, **{"criteria": REACHED, "admits_down_to": None, **changes})


def new_creator(house: House, address: str = "ada@example.org") -> Person:
    """Somebody with a password and a score on fresh data who lets offers be matched."""
    person = new_person(house, address)
    give_consent(house, person)
    import_archive(house, person, Platform.X, fresh_zip())
    agree_to_match(house, person.subject_id)
    return person


def quick_creator(house: House, number: int = 0) -> Person:
    """The same without a password or an archive, which is quicker."""
    subject_id = scored_person(house, number)
    declare_age(house, subject_id, AgeBand.ADULT)
    agree_to_match(house, subject_id)
    return Person(subject_id, f"person-{number}-{subject_id.hex}@example.org")


def agree_to_match(house: House, subject_id: UUID, profile: PerkProfile = CHOSEN) -> None:
    """Consent to matching, and choose."""
    with house.open_vault("subject") as vault:
        give(vault, subject_id, notice(MATCH, "en"))
        vault.flush()
        write_profile(vault, subject_id, profile)


def stop_matching(house: House, subject_id: UUID) -> None:
    """Withdraw that consent, without anything else that should follow."""
    with house.open_vault("subject") as vault:
        withdraw(vault, subject_id, notice(MATCH, "en"))


def opted_in(house: House, subject_id: UUID, offer_id: UUID) -> Participation:
    """Opt in; eligible or not."""
    with house.open_vault("subject") as vault:
        return take_part(vault, subject_id, offer_id)


def agreed(house: House, subject_id: UUID, offer_id: UUID) -> Participation:
    """Opt in, look at the values and agree to them."""
    opted_in(house, subject_id, offer_id)
    return agree_again(house, subject_id, offer_id)


def agree_again(house: House, subject_id: UUID, offer_id: UUID) -> Participation:
    """Look at the values and agree to them."""
    with house.open_vault("subject") as vault:
        shown = preview(vault, subject_id, offer_id, "en")
        assert shown is not None
        return consent(vault, subject_id, offer_id, Yes(shown.digest, "en", shown.seen))


def read_by_brand(
    house: House,
    participation_id: UUID,
    slug: str = SLUG,
    use_context: UseContext = UseContext.OFFER_FULFILMENT,
) -> Disclosed:
    """What a brand reads of one participation."""
    with house.open_vault("recipient", alias=slug) as vault:
        handover = read(vault, require_recipient(vault, slug), participation_id, use_context)
    return handover.open()


def state_of(house: House, subject_id: UUID, offer_id: UUID) -> str:
    """How a participation stands."""
    with house.open_reading_vault() as vault:
        return str(require_participation(vault, subject_id, offer_id).state)
