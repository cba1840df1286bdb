"""Passwords at Argon2id's least cost: the tests hash and check a thousand, one of them is about it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from argon2 import PasswordHasher

from app import passwords

AS_SERVED = passwords._HASHER
CHEAPEST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@contextmanager
def cheap_passwords() -> Iterator[None]:
    """For as long as the block lasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", CHEAPEST)
        yield
