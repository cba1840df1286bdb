"""The language of a page, and its words: `t` in every template.

Asked for by `?lang=` (kept in a cookie, because somebody chose it), else the cookie, else what the
browser says, else English. All words lie in words/{en,de}.toml.
"""

import hashlib
from datetime import date, datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

from flask import Flask, Response, current_app, g, request

from app.current import house
from app.security import LOG_PREFIX, cookie_name
from consent.notice import LINES, NAMES
from consent.part import SharedField
from explain.wording import Language, Words, say_day, say_number
from perks.errors import OfferUnknown
from perks.offer import find_published

WORDS = Words(Path(__file__).parent / "words")
_YEAR_SECONDS = 365 * 24 * 3600
_CODES = tuple(language.value for language in Language)


def register(app: Flask) -> None:
    """Give every template its words, and remember a language somebody asked for."""
    app.after_request(_remember)
    app.add_template_global(say, "t")
    app.add_template_global(asset)
    app.add_template_global(same_page)
    app.add_template_global(called)
    app.add_template_filter(number)
    app.add_template_filter(day)
    app.add_template_filter(moment)
    app.context_processor(lambda: {"language": language().value, "languages": _CODES})


def language() -> Language:
    """The language of this request."""
    if "language" not in g:
        g.language = Language(_asked_for() or _remembered() or _of_browser() or Language.EN)
    chosen: Language = g.language
    return chosen


def say(key: str, **facts: object) -> str:
    """A word or sentence of the interface."""
    return WORDS.say(key, language(), **facts)


def called(about: str) -> str:
    """What a purpose is about, by its name: a network, a field, a line of models, a brand's offer."""
    if about in set(SharedField):
        return say(f"access_log.field_{about}")
    if about in LINES:
        return LINES[about][language()]
    return NAMES.get(about) or _offer(about) or about


def _offer(about: str) -> str | None:
    """Brand and title of an offer, from <brand>/<perk>; None if it is none."""
    try:
        offer_id = UUID(about.partition("/")[2])
        with house().open_reading_vault() as vault:
            offer = find_published(vault, offer_id)
            return f"{offer.recipient.name}: {offer.terms.title.said(language())}"
    except (ValueError, OfferUnknown):
        return None


def number(value: float, digits: int = 0) -> str:
    """A number as it is written in the language."""
    return say_number(value, language(), digits)


def day(value: date | datetime) -> str:
    """A day as it is written in the language."""
    return say_day(value.date() if isinstance(value, datetime) else value, language())


def moment(value: datetime) -> str:
    """A day and a time of day, UTC."""
    return f"{day(value)}, {value:%H:%M} UTC"


def asset(name: str) -> str:
    """The address of a static file, with its digest: it may be kept for ever, and a new one is fetched."""
    return f"{current_app.static_url_path}/{name}?v={_digest(str(current_app.static_folder), name)}"


def same_page(code: str) -> str:
    """The page at hand in another language; the first page, where this one only takes forms."""
    seen = request.method == "GET" or current_app.url_map.bind("").test(request.path, "GET")
    asked = {name: value for name, value in request.args.items() if name != "lang"} if seen else {}
    return f"{request.path if seen else '/'}?{urlencode({**asked, 'lang': code})}"


@cache
def _digest(folder: str, name: str) -> str:
    return hashlib.sha256(Path(folder, name).read_bytes()).hexdigest()[:12]


def _asked_for() -> str | None:
    asked = request.args.get("lang", "")
    return asked if asked in _CODES else None


def _remembered() -> str | None:
    kept = request.cookies.get(cookie_name(house().config, "language"), "")
    return kept if kept in _CODES else None


def _of_browser() -> str | None:
    return request.accept_languages.best_match(_CODES)


def _remember(response: Response) -> Response:
    if not request.query_string or request.path.startswith(("/api/", LOG_PREFIX)):
        return response
    if (asked := _asked_for()) is not None:
        response.set_cookie(
            cookie_name(house().config, "language"),
            asked,
            max_age=_YEAR_SECONDS,
            secure=house().config.is_https,
            httponly=True,
            samesite="Lax",
            path="/",
        )
    return response
