"""What the notices read out of the code: pairs of purpose and basis, tables about people, processors.

registry of purposes  +  what every table declares  +  processors   ->  the notices (public_notice.py)
"""

from consent.purpose import RULES, Purpose
from consent.recipient import RecipientKind
from rights.documents.catalogue import Processor, processors, receivers
from vault.base import Base, KeyBase
from vault.holding import Fate, Holding
from vault.holdings import data_tables, holding_of, key_tables

Table = type[Base] | type[KeyBase]


class RecipientUnnamed(ValueError):
    """A table declares a recipient that no list of processors or recipients knows."""


def every_table() -> list[Table]:
    """The tables of both databases, by name."""
    return sorted((*data_tables(), *key_tables()), key=lambda table: table.__tablename__)


def purposes_and_bases() -> tuple[tuple[str, str], ...]:
    """Every purpose with its legal bases: as a permit is made for it, and as tables declare it beside."""
    registry = {(purpose.value, RULES[purpose].basis.value) for purpose in Purpose}
    declared = {(holding_of(table).purpose, holding_of(table).basis) for table in every_table()}
    order = [purpose.value for purpose in Purpose]
    return tuple(
        sorted(
            registry | declared,
            key=lambda pair: (order.index(pair[0]) if pair[0] in order else len(order), pair[1]),
        )
    )


def told_tables() -> list[Table]:
    """The tables that hold something about people, or did until an erasure; what several say is told once."""
    about = [table for table in every_table() if _is_about_people(holding_of(table))]
    first = {holding_of(table).what: table for table in reversed(about)}
    return sorted(first.values(), key=lambda table: table.__tablename__)


def named_processors() -> tuple[Processor, ...]:
    """Who processes for the controller, once no table names anybody else.

    Raises:
        RecipientUnnamed: a table declares somebody unknown.
    """
    for table in every_table():
        require_named(holding_of(table))
    return processors()


def require_named(holding: Holding) -> None:
    """Refuse a table whose data go to somebody whom neither the lists nor the kinds of recipients know.

    Raises:
        RecipientUnnamed: who it is.
    """
    named = {one.name for one in processors()} | {one.name for one in receivers()}
    known = named | {kind.value for kind in RecipientKind}
    if unknown := set(holding.disclosed_to) - known:
        raise RecipientUnnamed(f"No document names {', '.join(sorted(unknown))}.")


def _is_about_people(holding: Holding) -> bool:
    return bool(holding.personal) or holding.fate is Fate.KEPT
