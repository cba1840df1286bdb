"""The weeks of every network, as JSON lines and as ActivityStreams 2.0 (GDPR Art. 20(1)).

    data/records/<network>.jsonl   each week as it is kept
    portability/actor.json         the person, an AS2 `Person`
    portability/outbox.json        each week as one `Create` of a collection of so many posts

What the person provided and what was observed of them; what was derived from it stays in derived/. The
posts themselves were never kept, so a collection has `totalItems` and no items, and what came back stands
in `likes`, `shares` and `replies`, likewise counted. AS2 has no words for views and for replies one wrote,
so these are extensions, as AS2 section 5 has it. Weeks are streamed: there may be a hundred thousand.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select

from consent.purpose import score_scope
from rights.package.copying import Copy
from rights.package.folder import About, compact
from rights.package.forms import ACTOR_FORM, OUTBOX_FORM
from sources.activity import Platform
from sources.record_json import WEEK_FORM
from sources.store import ImportBatch, open_weeks
from vault.errors import KeyDestroyed
from vault.holdings import holding_of
from vault.sliced import find_sliced

CONTEXT: list[Any] = [
    "https://www.w3.org/ns/activitystreams",
    {
        "klarwert": "urn:klarwert:activity#",
        "repliesWritten": {"@id": "klarwert:repliesWritten"},
        "views": {"@id": "klarwert:views"},
    },
]


def write_weeks(copy: Copy) -> None:
    """One file of weeks per network."""
    purpose, source = holding_of(ImportBatch).purpose, holding_of(ImportBatch).source
    for platform in _platforms(copy):
        copy.folder.add_lines(
            f"data/records/{platform}.jsonl",
            _weeks(copy, platform),
            About("weeks", (f"{purpose}/{platform}",), source, "schemas/week.schema.json"),
            WEEK_FORM,
        )


def write_activity_streams(copy: Copy) -> None:
    """The person and their outbox."""
    about = About("portability", ("rights",), holding_of(ImportBatch).source, "schemas/actor.schema.json")
    actor = {"@context": CONTEXT, "id": _person(copy), "type": "Person", "outbox": _outbox(copy)}
    copy.folder.add_json("portability/actor.json", actor, about, ACTOR_FORM)
    about = About("portability", about.purpose, about.source, "schemas/outbox.schema.json")
    copy.folder.add_pieces("portability/outbox.json", _collection(copy), about, OUTBOX_FORM)


def _platforms(copy: Copy) -> list[Platform]:
    """The networks of which something lies here that a permit is held for; what, is not loaded."""
    statement = select(ImportBatch.platform).where(ImportBatch.subject_id == copy.subject_id)
    stored = sorted(copy.vault.session.scalars(statement))
    return [platform for platform in stored if str(score_scope(platform)) in copy.permits]


def _weeks(copy: Copy, platform: Platform) -> Iterator[bytes]:
    """One network's weeks; what is sealed is let go of before the first of them goes out."""
    statement = select(ImportBatch.id).where(
        ImportBatch.subject_id == copy.subject_id, ImportBatch.platform == platform
    )
    batch_id = copy.vault.session.scalars(statement).one()
    batch = find_sliced(copy.vault.session, ImportBatch, (batch_id,))
    if batch is None:
        return
    try:
        lines = open_weeks(copy.vault, copy.permits, batch)
    except KeyDestroyed:  # a withdrawal came between: nobody can open it any more
        return
    del batch
    yield from lines


def _collection(copy: Copy) -> Iterator[bytes]:
    """An OrderedCollection in pieces; how many items it has is said at its end, when they were counted."""
    head = compact({"@context": CONTEXT, "id": _outbox(copy), "type": "OrderedCollection"})
    yield head[:-1] + b',"orderedItems":['
    count, person = 0, _person(copy)
    for platform in _platforms(copy):
        for line in _weeks(copy, platform):
            for item in _items(copy.subject_id, person, platform, json.loads(line)):
                yield (b",\n" if count else b"\n") + compact(item)
                count += 1
    yield b'\n],"totalItems":%d}\n' % count


def _items(
    subject_id: UUID, person: str, platform: Platform, week: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """What was done in one week: posts made, and posts of others passed on."""
    monday = date.fromisocalendar(int(week["week"][:4]), int(week["week"][6:]), 1)
    frame = {
        "actor": person,
        "generator": {"type": "Service", "name": platform.value},
        "startTime": _midnight(monday),
        "endTime": _midnight(monday + timedelta(days=7)),
    }
    reshares = {"type": "Collection", "totalItems": week["reshares_made"]}
    for kind, what in (("Create", _posts(week)), ("Announce", reshares)):
        if what["totalItems"]:
            identity = uuid5(subject_id, f"{platform}/{week['week']}/{kind}").urn
            yield {"id": identity, "type": kind, **frame, "object": what}


def _posts(week: dict[str, Any]) -> dict[str, Any]:
    posts: dict[str, Any] = {"type": "Collection", "totalItems": week["posts"]}
    posts |= {
        name: {"type": "Collection", "totalItems": week[figure]}
        for name, figure in (
            ("likes", "likes_received"),
            ("shares", "reshares_received"),
            ("replies", "replies_received"),
        )
        if week[figure] is not None
    }
    posts["repliesWritten"] = week["replies"]
    return posts if week["views_received"] is None else {**posts, "views": week["views_received"]}


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _person(copy: Copy) -> str:
    return copy.subject_id.urn


def _outbox(copy: Copy) -> str:
    return uuid5(copy.subject_id, "outbox").urn
