"""Mail about new offers: one letter a day at most, the same for everybody who asked for it.

    begun since the last such letter, before today, and still open  ->  one letter, which says so, no more

It names no offer and says nothing about anybody: whether somebody reaches one is worked out only when they
look. Each offer is told once, since the next letter begins where the last one ended. It goes to whoever
confirmed that they want it and lets offers be matched; both are asked again when it is written (letters.py).

Source: UWG § 7(2); GDPR Art. 5(1)(c).
"""

from datetime import date, datetime

from sqlalchemy import func, select

from app.letters import KEPT, Letter, Wording, queue_letter
from app.mail import WORDS
from app.transaction import House
from consent.purpose import Purpose
from explain.wording import Language
from perks.offer import Offer, PublishedOffer, open_offers
from vault.desk import Vault

NEW_OFFERS = "offers-new"


def tell_of_new_offers(house: House, vault: Vault) -> int:
    """Queue today's letter, if there is anything to tell; returns for how many."""
    today, since = vault.now().date(), _told_until(vault)
    begun = [_begun_on(vault, offer) for offer in open_offers(vault)]
    if since == today or not any(since <= day < today for day in begun):
        return 0
    link = f"{house.config.public_url}/perks"
    return queue_letter(
        vault, Purpose.MAIL_PERKS, {language.value: _wording(language, link, today) for language in Language}
    )


def _told_until(vault: Vault) -> date:
    """The day of the last letter; offers that began on it are in the next one."""
    last: datetime | None = vault.session.scalar(
        select(func.max(Letter.created_at)).where(Letter.purpose == Purpose.MAIL_PERKS)
    )
    return (last or vault.now() - KEPT).date()


def _begun_on(vault: Vault, offer: PublishedOffer) -> date:
    """The first day one could take part; a better wording begins nothing."""
    published_at = vault.session.get_one(Offer, offer.id).published_at or offer.published_at
    return max(published_at.date(), offer.terms.opens_on)


def _wording(language: Language, link: str, today: date) -> Wording:
    facts = {"link": link, "day": today}
    return Wording(
        WORDS.say(f"{NEW_OFFERS}.subject", language, **facts),
        WORDS.say(f"{NEW_OFFERS}.text", language, **facts).strip(),
    )
