"""Mastodon archives, tar.gz or zip, and a bare outbox (ActivityStreams 2.0 collection or page).

Read: `outbox.json` alone. A post is a `Create` addressed to the public in `to` or `cc`; followers-only and
direct messages are in the outbox too and are not posts, though a reply among them is a reply written. An
`Announce` is a reshare made. Since Mastodon 4.3 a post may carry `likes.totalItems` and
`shares.totalItems`; older ones have neither, and then nothing is said about responses.

Not in any Mastodon archive: followers, following, replies and views received. A like by oneself is
inside `likes.totalItems` and cannot be told from others'.
"""

from typing import Any

from sources.activity import ActivityRecord, Platform
from sources.archive import Archive
from sources.errors import ArchiveUnreadable, Defect
from sources.json_window import JsonWindow
from sources.minimise import Label, Part, RowRefused, find_count, is_public, require_dict, require_iso_day
from sources.week_sums import Act, Audience, Kind, WeekSums

READER_VERSION = 1
_COLLECTIONS = ("OrderedCollection", "OrderedCollectionPage")
_KINDS = {  # (public, reply)
    (True, True): Kind.REPLY,
    (True, False): Kind.POST,
    (False, True): Kind.PRIVATE_REPLY,
    (False, False): Kind.PRIVATE_POST,
}


def read_mastodon(archive: Archive) -> ActivityRecord:
    """Read a checked archive with an outbox.

    Raises:
        ArchiveUnreadable, ArchiveUnsafe: the outbox or a row of it is not of the documented form.
    """
    sums = WeekSums(counters_known=False)
    window = JsonWindow(archive.chunks(Part(Label.OUTBOX)), Label.OUTBOX, archive.limits)
    window.skip_assignment()
    kind, items = None, 0
    for key in window.object_keys():
        if key == "orderedItems":
            items += 1
            _add_activities(window, sums)
        else:
            value = window.value()
            kind = value if key == "type" else kind
    window.finish()
    if items != 1 or kind not in _COLLECTIONS:
        raise ArchiveUnreadable(Defect.ROW, label=Label.OUTBOX)
    return sums.record(Platform.MASTODON, READER_VERSION, Audience())


def _add_activities(window: JsonWindow, sums: WeekSums) -> None:
    for number, row in enumerate(window.rows(), start=1):
        try:
            act = _act(require_dict(row))
        except RowRefused:
            raise ArchiveUnreadable(Defect.ROW, label=Label.OUTBOX, row=number) from None
        if act is not None:
            sums.add(act)


def _act(activity: dict[str, Any]) -> Act | None:
    kind = activity.get("type")
    if type(kind) is not str:
        raise RowRefused
    if kind == "Announce":
        return Act(require_iso_day(activity.get("published")), Kind.RESHARE)
    return _post(activity) if kind == "Create" else None


def _post(activity: dict[str, Any]) -> Act:
    post = require_dict(activity.get("object"))
    day = require_iso_day(activity.get("published") or post.get("published"))
    public = is_public(activity if "to" in activity or "cc" in activity else post)
    kind = _KINDS[public, post.get("inReplyTo") is not None]
    if not public:
        return Act(day, kind)
    return Act(day, kind, _total_items(post.get("likes")), _total_items(post.get("shares")))


def _total_items(collection: Any) -> int | None:
    """A collection's length; other servers put a mere link there, which says nothing."""
    return find_count(collection.get("totalItems")) if type(collection) is dict else None
