"""The committed data map is the one the tables declare today."""

from app.tables import DATA, KEYS
from rights.record_of_processing import render
from tests.architecture.checkout import ROOT


def test_the_committed_data_map_is_what_the_tables_declare() -> None:
    committed = (ROOT / "docs/data-map.md").read_text(encoding="utf-8")

    assert render() == committed, "Render it anew with the command at its head."


def test_the_data_map_names_every_table_of_both_databases() -> None:
    rendered = render()

    missing = [name for name in (*DATA.tables, *KEYS.tables) if f"| `{name}` |" not in rendered]

    assert not missing
