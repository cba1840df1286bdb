"""What every table and every refusal must declare about itself."""

from app.errors import STATUS
from rights.package.rows import copied_tables, place_of, schema_of, uncopied
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


def test_every_sealed_column_about_people_is_opened_for_their_copy_or_left_out_for_a_reason() -> None:
    product_modules()

    lacking = {table.__tablename__: columns for table in copied_tables() if (columns := uncopied(table))}

    assert not lacking, "Say in Holding.opened_by how it opens, or in Holding.left_out why it is not copied."


def test_no_two_tables_share_a_file_of_the_copy() -> None:
    product_modules()
    tables = copied_tables()

    assert len({place_of(table) for table in tables}) == len(tables)
    assert len({schema_of(table) for table in tables}) == len(tables)


def test_every_refusal_has_a_status() -> None:
    assert {refusal.__name__ for refusal in refusals() - STATUS.keys()} == set()


def test_every_refusal_has_a_slug_and_a_title_of_its_own() -> None:
    found = refusals()

    assert len({refusal.slug for refusal in found}) == len(found)
    assert len({refusal.title for refusal in found}) == len(found)
