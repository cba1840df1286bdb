"""What belongs to the request at hand: the house, and who is signed in."""

from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.limiting import Standing, standing
from app.security import cookie_name
from app.sessions import RIGHTS_PAGES, SessionKind, SignedIn, find_session, is_under
from app.transaction import House

_HOUSE = "klarwert.house"
# The blueprints whose pages are one person's own: nothing of them is shown, or kept, without a sign-in.
PERSONAL = frozenset(
    [
        "access_log",
        "account",
        "brand_figures",
        "brand_notices",
        "brand_offers",
        "brand_people",
        "brand_programs",
        "brand_shipments",
        "brand_team",
        "brand_webhooks",
        "brands",
        "consents",
        "correcting",
        "exports",
        "fresh",
        "history",
        "imports",
        "limiting",
        "perk_posts",
        "perk_profile",
        "perks",
        "receipts",
        "recipients",
        "restoring",
        "reviewing",
        "rights",
        "score",
    ]
)


def register(app: Flask, house: House) -> None:
    """Bind one house to the application and stand at the door of the personal pages."""
    app.extensions[_HOUSE] = house
    app.before_request(_ask_to_sign_in)
    app.context_processor(
        lambda: {
            "signed_in": find_signed_in(),
            "is_demo": house.config.demo,
            "is_personal": is_personal(),
            "path": request.path,
            "find_standing": _find_standing,
        }
    )


def house() -> House:
    """The open house this application serves."""
    served: House = current_app.extensions[_HOUSE]
    return served


def find_signed_in() -> SignedIn | None:
    """Who the session cookie belongs to; looked up once a request."""
    if "signed_in" not in g:
        token = request.cookies.get(cookie_name(house().config, "session"), "")
        g.signed_in = _find_session(token) if token else None
    return g.signed_in if isinstance(g.signed_in, SignedIn) else None


def _find_session(token: str) -> SignedIn | None:
    found = find_session(house(), token, SessionKind.PAGE)
    if found is None and is_under(request.path, RIGHTS_PAGES):
        return find_session(house(), token, SessionKind.RIGHTS)
    return found


def signed_in() -> SignedIn:
    """Who is signed in, on a personal page."""
    found = find_signed_in()
    return found if found is not None else abort(401)


def is_personal() -> bool:
    """Whether the page is one person's own."""
    return request.blueprint in PERSONAL


def keep_session(response: Response, token: str) -> Response:
    """Hand the session token to the browser, until it is closed and out of reach of scripts."""
    config = house().config
    response.set_cookie(
        cookie_name(config, "session"),
        token,
        secure=config.is_https,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def forget_session(response: Response) -> Response:
    """Take the session token out of the browser."""
    config = house().config
    response.delete_cookie(
        cookie_name(config, "session"), secure=config.is_https, httponly=True, samesite="Lax", path="/"
    )
    g.signed_in = None
    return response


def is_own_path(text: str) -> bool:
    """Whether a text is a path on this site, so that a redirect there leads nobody away."""
    parts = urlsplit(text)
    return text.startswith("/") and not (parts.scheme or parts.netloc or "\\" in text or "//" in text)


def _find_standing() -> Standing | None:
    """What stands still for the person whose page this is; asked by every personal page."""
    person = find_signed_in() if is_personal() else None
    if person is None:
        return None
    with house().open_reading_vault() as vault:
        return standing(vault, person.subject_id)


def _ask_to_sign_in() -> ResponseReturnValue | None:
    if not is_personal() or find_signed_in() is not None:
        return None
    wanted = request.path if request.method == "GET" else None
    return redirect(url_for("signing.show", next=wanted), 303)
