"""The record of processing activities (GDPR Art. 30(1)), rendered from what every table declares.

docs/data-map.md is this text, committed; tests/architecture/test_data_map.py renders it anew and compares.
So a table, a column or a term that changes without its record fails a test. Which tables there are is
known once the modules that map them are imported (app/tables.py), which is the caller's to see to.
"""

from collections.abc import Iterable

from consent.purpose import RULES, Basis, Purpose
from vault.base import Base, KeyBase
from vault.holding import Fate, Holding
from vault.holdings import data_tables, holding_of, key_tables

Table = type[Base] | type[KeyBase]

HEAD = """\
# Data map

The record of processing activities (GDPR Art. 30(1)), rendered from the `Holding` that every table declares;
not written by hand. After a change to a table:

```sh
.venv/bin/python -c "import app.tables
from rights.record_of_processing import render; print(render(), end='')" > docs/data-map.md
```

Not in here, because no table knows it: who the controller is (the operator of an instance adds name and
contact), and the security measures of Art. 30(1)(g), which are [threat-model.md](threat-model.md). Nothing
is sent to anybody but the person and the mail server the operator chose.
"""
SPOOL = """\
## Beside the databases

| what | purpose | legal basis | kept | from | at erasure |
|---|---|---|---|---|---|
| The uploaded archive, sealed, a file in the spool | score.compute | consent, Art. 6(1)(a) | until read or \
refused; without a job, one day | the person | deleted |
| A copy from another installation, sealed, a file in the spool | rights | legal obligation, Art. 6(1)(c) | \
until read or refused; without a job, one day | the person | deleted |

Service mails hold the address and a link; they go to the mail server, or to standard output where none is set
up. Log lines hold closed words and numbers, no person. The purpose `audit` needs no permit: a log entry holds
nothing sealed.
"""
BASES = {
    Basis.CONSENT: "consent, Art. 6(1)(a)",
    Basis.CONTRACT: "contract, Art. 6(1)(b)",
    Basis.LEGAL_OBLIGATION: "legal obligation, Art. 6(1)(c)",
    Basis.LEGITIMATE_INTEREST: "legitimate interest, Art. 6(1)(f)",
}
FATES = {
    Fate.DELETED: "deleted",
    Fate.KEPT: "kept",
    Fate.NOT_PERSONAL: "gone by itself",
}


def render() -> str:
    """The whole record, as Markdown.

    Source: GDPR Art. 30(1)(b) to (f).
    """
    data, keys = _sorted(data_tables()), _sorted(key_tables())
    parts = (
        HEAD,
        _purposes(),
        _overview("The data database", data),
        _overview("The key store", keys),
        SPOOL,
        _columns((*data, *keys)),
    )
    return "\n".join(parts)


def _purposes() -> str:
    return _lines(
        "## Purposes a permit is made for",
        "",
        "| purpose | legal basis | a consent lasts |",
        "|---|---|---|",
        *(f"| {purpose} | {BASES[RULES[purpose].basis]} | {_lasts(purpose)} |" for purpose in Purpose),
    )


def _overview(title: str, tables: Iterable[Table]) -> str:
    return _lines(
        f"## {title}",
        "",
        "| table | what | purpose | legal basis | kept | from | disclosed to | at erasure |",
        "|---|---|---|---|---|---|---|---|",
        *(_row(table, holding_of(table)) for table in tables),
    )


def _columns(tables: Iterable[Table]) -> str:
    return _lines(
        "## Personal data, column by column",
        "",
        "| column | holds |",
        "|---|---|",
        *(
            f"| `{table.__tablename__}.{column}` | {holds} |"
            for table in tables
            for column, holds in holding_of(table).personal.items()
        ),
    )


def _row(table: Table, holding: Holding) -> str:
    is_nobodys = holding.fate is Fate.NOT_PERSONAL and "subject_id" not in table.__table__.columns
    return _cells(
        f"`{table.__tablename__}`",
        holding.what,
        holding.purpose,
        BASES[Basis(holding.basis)],
        holding.retained,
        holding.source,
        ", ".join(holding.disclosed_to) or "nobody",
        "stays: holds nobody" if is_nobodys else _fate(holding),
    )


def _fate(holding: Holding) -> str:
    said = FATES[holding.fate]
    return f"{said}: {holding.kept_because}" if holding.kept_because else said


def _lasts(purpose: Purpose) -> str:
    lasts = RULES[purpose].lasts
    return f"{lasts.days} days" if lasts is not None else "not by consent"


def _sorted(tables: Iterable[Table]) -> tuple[Table, ...]:
    return tuple(sorted(tables, key=lambda table: table.__tablename__))


def _cells(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _lines(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)
