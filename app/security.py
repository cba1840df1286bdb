"""What surrounds every request: headers, the forgery checks, rate limits, cookie names.

    before   host trusted -> rate limit -> (writing) same site by Sec-Fetch-Site or Origin -> form token
    after    one pass of headers

No address is kept: the rate limits count under a hash of it with a salt that lives a day in memory.
"""

import hashlib
import secrets
import time
from collections.abc import Sequence
from datetime import date
from math import ceil
from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from markupsafe import Markup
from werkzeug.exceptions import TooManyRequests

from app.config import Config
from app.transaction import House

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STRICT_TRANSPORT = "max-age=63072000; includeSubDomains"
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})

# Where a password or a token could be guessed, counted together; everything else that writes, by itself.
GUESSABLE = (
    "/join",
    "/sign-in",
    "/staff/sign-in",
    "/staff/confirm-password",
    "/rights/without-sign-in",
    "/brand/confirm",
    "/brand/invitation",
    "/confirm",  # also /confirm-password
    "/mail/confirm",
    "/account/erase",
    "/rights/export",
    "/receipts",
    "/api/v1/receipts",
    "/api/v1/consents/confirmation",
    "/api/v1/account",
    "/api/v1/exports",
    "/api/v1/sessions",
    "/oauth/token",
)
FORMS = CSRFProtect()
# Mail programs send it by themselves (RFC 8058); the token in its address is the proof, and it only ends.
NEEDS_NO_TOKEN = frozenset({"mailing.stop"})
# Archives are sealed while they are read, receipts stay in memory: nothing is left if the token is refused.
READS_BEFORE_TOKEN = frozenset({"imports.receive", "receipt_desk.match", "restoring.receive"})
GUESSES = parse_many("20 per minute; 100 per hour")
WRITES = parse_many("120 per minute")
# Whoever follows the log reads two files per 256 entries; a first look at a million takes some minutes.
LOG_PREFIX = "/log/"
LOG_READS = parse_many("1200 per minute")
# What is the same for everybody says itself how long a cache may keep it (app/pages/published_log.py).
SAME_FOR_EVERYBODY = frozenset({"published_log"})


def register(app: Flask, house: House) -> None:
    """Put headers, limits and forgery checks around the whole application."""
    app.before_request(_Limits(house).require)
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the browser keeps the form cookie
        WTF_CSRF_SSL_STRICT=False,  # wants a Referer, which our own policy withholds
    )
    FORMS.init_app(app)
    app.add_template_global(token)
    app.before_request(refuse_forgery)
    app.after_request(_add_headers)
    if house.config.is_https:
        app.after_request(_add_strict_transport)


def refuse_forgery() -> None:
    """Refuse a writing request to a page that did not come from a page of ours.

    The API takes bearer tokens only, which no browser adds by itself. Where the form is large, its view
    checks the token after reading it (`check_form_token`).
    """
    if request.method not in WRITING or request.endpoint in (None, *NEEDS_NO_TOKEN) or is_api():
        return
    _refuse_foreign_site()
    if request.endpoint not in READS_BEFORE_TOKEN:
        check_form_token()


def token() -> Markup:
    """The hidden field of every form."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def check_form_token() -> None:
    """Refuse a form whose token is not the one of this browser."""
    FORMS.protect()


def is_api() -> bool:
    """Whether the request is for the JSON face."""
    return request.path.startswith(("/api/", "/oauth/"))


def cookie_name(config: Config, name: str) -> str:
    """`__Host-` binds a cookie to this very host and to TLS; without TLS browsers refuse the prefix."""
    return f"__Host-klarwert_{name}" if config.is_https else f"klarwert_{name}"


def trusted_hosts(config: Config) -> list[str]:
    """The names this service answers to: its public one and this machine's, against DNS rebinding."""
    return sorted({urlsplit(config.public_url).hostname or "", "localhost", "127.0.0.1", "[::1]"} - {""})


def _refuse_foreign_site() -> None:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise CSRFError("The form was sent from another site.")
        return
    # An older browser, or plain http on a network. `null` is what our Referrer-Policy makes of Origin.
    origin = request.headers.get("Origin", "null")
    if origin not in ("null", request.host_url.rstrip("/")):
        raise CSRFError("The form was sent from another site.")


class _Limits:
    """Counts writing requests and reads of the log per address, refuses too many; in memory, per process."""

    def __init__(self, house: House) -> None:
        self._address = _AddressHash(house)
        self._counted = FixedWindowRateLimiter(MemoryStorage())

    def require(self) -> None:
        if request.method not in WRITING:
            if request.path.startswith(LOG_PREFIX):
                self._hit(LOG_READS, "log", self._address())
            return
        address = self._address()
        self._hit(WRITES, "writes", address)
        if request.path.startswith(GUESSABLE):
            self._hit(GUESSES, "guesses", address)

    def _hit(self, limits: Sequence[RateLimitItem], what: str, address: str) -> None:
        # Every limit counts, also where another refuses: who is refused by the minute fills the hour.
        refused = [limit for limit in limits if not self._counted.hit(limit, what, address)]
        if refused:
            until = max(self._counted.get_window_stats(limit, what, address).reset_time for limit in refused)
            raise TooManyRequests(retry_after=max(1, ceil(until - time.time())))


class _AddressHash:
    """The key of the rate limits: 64 bits of a hash of the address, under a salt of the day."""

    def __init__(self, house: House) -> None:
        self._clock = house.clock
        self._day: date | None = None
        self._salt = b""

    def __call__(self) -> str:
        today = self._clock().date()
        if today != self._day:
            self._day, self._salt = today, secrets.token_bytes(16)
        return hashlib.sha256(self._salt + (request.remote_addr or "").encode()).hexdigest()[:16]


def _add_headers(response: Response) -> Response:
    response.headers.extend(HEADERS)
    is_public = request.blueprint in SAME_FOR_EVERYBODY and response.status_code in (200, 304)
    if request.endpoint != "static" and not is_public:
        # Every page says who is signed in, so none is kept by a cache.
        response.headers["Cache-Control"] = "no-store"
    return response


def _add_strict_transport(response: Response) -> Response:
    response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT
    return response
