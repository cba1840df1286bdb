"""Passwords: what is taken as one, hashed with Argon2id, and checked in the same time hit or miss."""

import secrets
import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from vault.errors import DomainError

PASSWORD_LEAST, PASSWORD_MOST = 12, 256
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's Argon2id setting
_HASHES_AT_ONCE = threading.Semaphore(2)  # each takes 19 MiB and a core


class PasswordUnfit(DomainError):
    """A password is too short, too long, or the address itself."""

    slug = "password-unfit"
    title = "Password cannot be used"

    def __init__(self) -> None:
        super().__init__(
            f"A password needs {PASSWORD_LEAST} to {PASSWORD_MOST} characters and may not be the address.",
            least=PASSWORD_LEAST,
            most=PASSWORD_MOST,
        )


def require_fit(password: str, name: str) -> None:
    """Refuse a password that is too short, too long, or the name one signs in with.

    Raises:
        PasswordUnfit: see above.
    """
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST or password.casefold() == name.casefold():
        raise PasswordUnfit


def hash_password(password: str) -> str:
    """An Argon2id hash in PHC form."""
    with _HASHES_AT_ONCE:
        return _HASHER.hash(password)


def check_password(credential: str | None, password: str) -> bool:
    """Whether a password goes with a hash; without one the same work is done for nobody."""
    with _HASHES_AT_ONCE:
        try:
            _HASHER.verify(credential or _nobody(), password[: PASSWORD_MOST + 1])
        except (VerificationError, InvalidHashError):
            return False
    return credential is not None


@cache
def _nobody() -> str:
    return _HASHER.hash(secrets.token_urlsafe(32))
