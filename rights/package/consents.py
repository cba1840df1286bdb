"""The very words of every decision, by their digest (GDPR Art. 7(1)): the events refer to them.

The events themselves are a table (rows.py): consents/events.jsonl.
"""

from consent.errors import NoticeUnknown
from consent.notice import notice
from consent.record import ConsentRecord, history
from rights.package.copying import Copy
from rights.package.folder import About
from vault.holdings import holding_of


def write_texts(copy: Copy) -> None:
    """Each text the person ever decided on, once."""
    written = set()
    about = About("consent-text", (holding_of(ConsentRecord).purpose,), "the service")
    for record in history(copy.vault, copy.subject_id):
        place = f"consents/texts/{record.notice_sha256}.{record.notice_language}.txt"
        if place in written:
            continue
        try:
            shown = notice(record.scope, record.notice_language, record.notice_version)
        except NoticeUnknown:  # a decision carried here from an installation with other words
            continue
        if shown.sha256 == record.notice_sha256:
            copy.folder.add_text(place, "text/plain", shown.text, about)
            written.add(place)
