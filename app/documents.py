"""The documents made from the code, those in the words of the pages included: see rights/documents/."""

from collections.abc import Callable, Mapping
from functools import partial

import app.tables
from app.language import WORDS
from consent.controller import UNNAMED, Controller
from explain.wording import Language
from perks.label.document import labels
from rights.documents.public_notice import Audience, House, PublicNotice, public_notice
from rights.documents.render import DOCUMENTS, notice_page

assert app.tables.MODULES  # loaded, hence every table is known


def notice_for(audience: Audience, language: Language, controller: Controller) -> PublicNotice:
    """A public notice in the words of the pages."""
    return public_notice(audience, House(partial(_word, language), controller, language))


def every_document() -> Mapping[str, Callable[[], str]]:
    """What is committed under docs/, by file; the controller is the operator's to name."""
    notices = {
        f"notice-{audience}.{language}.md": partial(_page, audience, language)
        for audience in Audience
        for language in Language
    }
    return {**DOCUMENTS, **notices, "labels.md": labels}


def _page(audience: Audience, language: Language) -> str:
    return notice_page(notice_for(audience, language, UNNAMED))


def _word(language: Language, key: str) -> str:
    return WORDS.say(key, language)
