"""What every table and every refusal must declare about itself."""

from app.errors import STATUS
from tests.architecture.checkout import product_modules
from vault.base import Base, KeyBase
from vault.errors import DomainError
from vault.holding import Holding
from vault.holdings import holding_of


def refusals() -> set[type[DomainError]]:
    """Every `DomainError` of the nine packages, at any depth of inheritance."""
    product_modules()
    found: set[type[DomainError]] = set()
    waiting = [DomainError]
    while waiting:
        below = waiting.pop().__subclasses__()
        found.update(below)
        waiting.extend(below)
    return {refusal for refusal in found if not refusal.__module__.startswith(("tests", "test_"))}


def test_every_table_declares_what_it_holds_and_what_becomes_of_it() -> None:
    product_modules()
    tables = [mapper.class_ for base in (Base, KeyBase) for mapper in base.registry.mappers]

    undeclared = [table.__name__ for table in tables if not isinstance(holding_of(table), Holding)]

    assert tables
    assert not undeclared


def test_every_refusal_has_a_status() -> None:
    assert {refusal.__name__ for refusal in refusals() - STATUS.keys()} == set()


def test_every_refusal_has_a_slug_and_a_title_of_its_own() -> None:
    found = refusals()

    assert len({refusal.slug for refusal in found}) == len(found)
    assert len({refusal.title for refusal in found}) == len(found)
