"""The one door to a brand's pages: who may see them, and in whose name what is done there is done.

    for_brand(role)   on every view below /brand/<slug>: on the team, in that role at least, and not suspended
    acting()          the transaction of a view that writes, in which all that is asked once more

Not on the team and no such brand are the same answer.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from flask import g
from flask.typing import ResponseReturnValue

from app.current import house, signed_in
from perks.brand import require_not_suspended
from perks.team import Membership, Role, require_member
from vault.desk import Vault

View = Callable[..., ResponseReturnValue]


def for_brand(role: Role = Role.VIEWER) -> Callable[[View], View]:
    """A view below /brand/<slug> for members in this role or a wider one."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(slug: str, **named: Any) -> ResponseReturnValue:
            g.brand_slug, g.brand_role = slug, role
            with looking():
                pass
            return view(**named)

        return guarded

    return guard


@contextmanager
def looking() -> Iterator[tuple[Vault, Membership]]:
    """A transaction that reads for the brand at hand."""
    with house().open_reading_vault("recipient", g.brand_slug) as vault:
        yield vault, _admitted(vault)


@contextmanager
def acting() -> Iterator[tuple[Vault, Membership]]:
    """A transaction that writes for the brand at hand."""
    with house().open_vault("recipient", g.brand_slug) as vault:
        yield vault, _admitted(vault)


def slug() -> str:
    """The short name of the brand at hand."""
    return str(g.brand_slug)


def _admitted(vault: Vault) -> Membership:
    member = require_member(vault, signed_in().subject_id, g.brand_slug, g.brand_role)
    require_not_suspended(member.recipient)
    return member
