"""Server-side sessions: an opaque random token at the person, its SHA-256 here.

The token has 256 bits, so a plain hash is enough. A session ends after 14 days, or a day without use;
it is fresh for ten minutes after the password was given, which erasing an account asks for.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, LargeBinary, bindparam, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from vault.base import Base, by_value
from vault.desk import Vault
from vault.holding import Fate, Holding, Term
from vault.subject import Subject

if TYPE_CHECKING:
    from app.transaction import House

SESSION_LASTS = timedelta(days=14)
IDLE_LASTS = timedelta(days=1)
FRESH_LASTS = timedelta(minutes=10)
TOUCH_EVERY = timedelta(minutes=15)
RIGHTS_LAST = timedelta(minutes=30)


class SessionKind(StrEnum):
    """Which face a session belongs to; a cookie does not open the API, nor a bearer token a page."""

    PAGE = "page"
    API = "api"
    RIGHTS = "rights"  # a code by mail: the pages of one's rights and nothing else
    RIGHTS_API = "rights-api"


BY_CODE = frozenset({SessionKind.RIGHTS, SessionKind.RIGHTS_API})
# Where a session by code leads: paths of pages, and of the API without its prefix.
RIGHTS_PAGES = ("/rights", "/consents", "/account/erase", "/sign-out")
RIGHTS_API = ("/rights", "/requests", "/consents", "/account", "/sessions/current", "/exports", "/access-log")


def is_under(path: str, places: Sequence[str]) -> bool:
    """Whether a path is one of these places or lies below one."""
    return any(path == place or path.startswith(f"{place}/") for place in places)


class WebSession(Base):
    """One signed-in browser or API client."""

    __tablename__ = "web_session"
    __holding__ = Holding(
        what="Sign-ins in progress: a hashed random token, when it began and was last used",
        purpose="account",
        basis="gdpr-6-1-b",
        retained="until signed out, a day without use, or 14 days",
        ends=(Term("expires_at"), Term("used_at", IDLE_LASTS)),
        source="the service",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={
            "created_at": "when signed in",
            "used_at": "when last used",
            "signal_heard_at": "when it asked not to share (Global Privacy Control)",
        },
        copied_to="data/sessions.jsonl",
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    kind: Mapped[SessionKind] = mapped_column(by_value(SessionKind))
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), index=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]
    fresh_until: Mapped[datetime]
    expires_at: Mapped[datetime]
    signal_heard_at: Mapped[datetime | None]  # a browser that asks not to share is heard once a session


_COLUMNS = WebSession.__table__.c
_BY_TOKEN = select(
    _COLUMNS.id,
    _COLUMNS.subject_id,
    _COLUMNS.used_at,
    _COLUMNS.fresh_until,
    _COLUMNS.expires_at,
    _COLUMNS.signal_heard_at,
).where(_COLUMNS.token_sha256 == bindparam("token"), _COLUMNS.kind == bindparam("of_kind"))


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in, and whether the password was given just now."""

    subject_id: UUID
    session_id: UUID
    is_fresh: bool
    kind: SessionKind = SessionKind.PAGE
    is_signal_heard: bool = False

    @property
    def is_by_code(self) -> bool:
        """Whether a code by mail was given instead of the password."""
        return self.kind in BY_CODE


def begin_session(vault: Vault, subject_id: UUID, kind: SessionKind) -> str:
    """Open a session; returns its token, 43 characters, which is kept nowhere here."""
    token, now = secrets.token_urlsafe(32), vault.now()
    # A code is proof as good as the password, for as long as its session lasts.
    fresh, lasts = (RIGHTS_LAST, RIGHTS_LAST) if kind in BY_CODE else (FRESH_LASTS, SESSION_LASTS)
    vault.session.add(
        WebSession(
            token_sha256=_hashed(token),
            kind=kind,
            subject_id=subject_id,
            created_at=now,
            used_at=now,
            fresh_until=now + fresh,
            expires_at=now + lasts,
        )
    )
    return token


def find_session(house: "House", token: str, kind: SessionKind) -> SignedIn | None:
    """Who a token belongs to, if it still holds."""
    with house.open_reading_vault() as vault:
        return find_session_within(vault, house, token, kind)


def find_session_within(vault: Vault, house: "House", token: str, kind: SessionKind) -> SignedIn | None:
    """The same within a transaction that is open already."""
    now = vault.now()
    row = vault.connection.execute(_BY_TOKEN, {"token": _hashed(token), "of_kind": kind}).one_or_none()
    if row is None or now >= row.expires_at or now >= row.used_at + IDLE_LASTS:
        return None
    if now >= row.used_at + TOUCH_EVERY:
        with house.open_vault("system") as touching:
            touching.session.execute(update(WebSession).where(WebSession.id == row.id).values(used_at=now))
    is_heard = row.signal_heard_at is not None
    return SignedIn(row.subject_id, row.id, now < row.fresh_until, kind, is_heard)


def refresh_session(vault: Vault, session_id: UUID) -> None:
    """The password was given again."""
    fresh_until = vault.now() + FRESH_LASTS
    vault.session.execute(
        update(WebSession).where(WebSession.id == session_id).values(fresh_until=fresh_until)
    )


def mark_signal(vault: Vault, session_id: UUID) -> bool:
    """Note that a session's signal is heard; False where another request of it was faster."""
    statement = (
        update(WebSession)
        .where(WebSession.id == session_id, WebSession.signal_heard_at.is_(None))
        .values(signal_heard_at=vault.now())
    )
    return bool(getattr(vault.session.execute(statement), "rowcount", 0))


def sign_out(house: "House", session_id: UUID) -> None:
    """End one session; ending it again changes nothing."""
    with house.open_vault("subject") as vault:
        vault.session.execute(delete(WebSession).where(WebSession.id == session_id))


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
