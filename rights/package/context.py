"""What Art. 15(1)(a) to (h) and 15(2) ask for beside the data, from what every table declares.

So the copy, the record of processing and the privacy page cannot say different things.
"""

from typing import Any

from consent.purpose import RULES, Purpose
from rights.documents.catalogue import processors
from rights.notice import notices_about
from rights.package.copying import Copy
from rights.package.folder import About, compact
from rights.package.forms import CONTEXT_FORM, LEFT_OUT_FORM, NOTICE_FORM, PROCESSORS_FORM
from rights.package.rows import copied_tables, left_out, place_of
from rights.request import ARTICLE, Right
from vault.holdings import holding_of


def write_context(copy: Copy) -> None:
    """context.json, and what is not in the copy."""
    about = About("context", ("rights",), "the service", "schemas/context.schema.json")
    copy.folder.add_json("context.json", context(copy), about, CONTEXT_FORM)
    about = About("left-out", ("rights",), "the service", "schemas/not-included.schema.json")
    copy.folder.add_json("not-included.json", left_out(), about, LEFT_OUT_FORM)


def write_recipients(copy: Copy) -> None:
    """Who processes for the controller, as docs/processors.md says it; disclosures are tables."""
    names = ("name", "does", "country", "when", "transfer_tool")
    said = [one.in_language(copy.language) for one in processors()]
    found = [{name: getattr(one, name) for name in names} for one in said]
    about = About("recipients", ("rights",), "the service", "schemas/processors.schema.json")
    copy.folder.add_json("recipients/processors.json", found, about, PROCESSORS_FORM)


def write_notices(copy: Copy) -> None:
    """What recipients were told since, and what they answered (Art. 19); by pseudonym, not by person."""
    told = (
        compact(
            {
                "recipient": one.recipient,
                "kind": one.kind.value,
                "scope": one.about,
                "fields": list(one.fields),
                "at": one.at.isoformat(),
                "state": one.state.value,
                "answer": one.answer and one.answer.value,
                "acknowledged_at": one.acknowledged_at and one.acknowledged_at.isoformat(),
                "confirmed_by_hand": one.by_hand and one.by_hand.value,
            }
        )
        for one in notices_about(copy.vault, copy.subject_id)
    )
    about = About("notices", ("rights",), "the service", "schemas/notices.schema.json")
    copy.folder.add_lines("recipients/notices.jsonl", told, about, NOTICE_FORM)


def context(copy: Copy) -> dict[str, Any]:
    """The whole context, in the person's language."""
    tables = [(table, holding_of(table), f"holding.{table.__tablename__}") for table in copied_tables()]
    service, controller = copy.service, copy.service.controller
    return {
        "controller": {
            "article": "13(1)(a), (b)",
            "name": controller.name,
            "address": controller.address,
            "contact": controller.contact,
            "officer": controller.dpo,
            "url": service.url,
            "log": service.name,
        },
        "data": {
            "article": "15(1)(a), (b), (c), (d), (g)",
            "files": [
                {
                    "file": place_of(table),
                    "what": copy.house(f"{words}.what"),
                    "purpose": holding.purpose,
                    "basis": holding.basis,
                    "retained": copy.house(f"{words}.retained"),
                    "source": copy.house(f"{words}.source"),
                    "recipients": list(holding.disclosed_to),
                }
                for table, holding, words in tables
            ],
        },
        "purposes": _part("15(1)(a)", [_purpose(copy, purpose) for purpose in Purpose]),
        "categories": _part("15(1)(b)", [copy.house(f"{words}.what") for *_, words in tables]),
        "recipients": _part("15(1)(c)", [copy.say("context.recipients"), copy.say("context.mail")]),
        "retention": _part(
            "15(1)(d)",
            [f"{copy.house(f'{words}.what')} — {copy.house(f'{words}.retained')}" for *_, words in tables],
        ),
        "rights": _part("15(1)(e)", [f"{copy.say(f'right.{right}')} ({ARTICLE[right]})" for right in Right]),
        "complaint": {
            "article": "15(1)(f), 77",
            "authority": controller.authority.name,
            "url": controller.authority.url,
        },
        "sources": _part("15(1)(g)", sorted({copy.house(f"{words}.source") for *_, words in tables})),
        "automated_decisions": _part(
            "15(1)(h), 22", [copy.say(f"context.automated_{part}") for part in ("logic", "reach", "review")]
        ),
        "transfers": _part("15(2)", [copy.say("context.transfers")]),
    }


def _purpose(copy: Copy, purpose: Purpose) -> str:
    return f"{purpose}: {copy.house(f'purpose.{purpose}')} ({copy.house(f'basis.{RULES[purpose].basis}')})"


def _part(article: str, says: list[str]) -> dict[str, Any]:
    return {"article": article, "says": says}
