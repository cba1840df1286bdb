"""Drafts of the notices of a breach; a person completes and sends them."""

from pathlib import Path

from consent.controller import Controller
from explain.wording import Language, Words, say_day
from rights.breach import Breach, held_in

WORDS = Words(Path(__file__).parent / "words" / "breach")


def draft(breach: Breach, addressee: str, language: str, controller: Controller) -> str:
    """The draft of one notice, with what Art. 33(3) or 34(2) asks for and gaps only a person can fill."""
    spoken = Language(language)
    kinds = "\n".join(f"- {what}" for what in held_in(breach)) or "-"
    return WORDS.say(
        f"{addressee}.text",
        spoken,
        number=breach.number,
        authority=controller.authority.name,
        controller=controller.name,
        address=controller.address,
        contact=controller.dpo or controller.contact,
        day=say_day(breach.known_at.date(), spoken),
        time=f"{breach.known_at:%H:%M}",
        nature=WORDS.say(f"nature.{breach.nature.value}", spoken),
        people=breach.people,
        kinds=kinds,
        facts=breach.facts,
    )
