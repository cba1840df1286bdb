"""What only one place may do: make a permit, commit a transaction, ask over the network."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.checkout import ROOT, product_files


def calls(file: Path) -> Iterator[tuple[str, bool]]:
    """The name of everything a file calls, and whether it is called on something (`x.name()`)."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id, False
            elif isinstance(node.func, ast.Attribute):
                yield node.func.attr, True


def imports(file: Path) -> Iterator[str]:
    """The modules a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module


def test_only_the_consent_gate_makes_a_permit() -> None:
    makers = {file for file in product_files() if any(name == "Permit" for name, _ in calls(file))}

    assert makers == {ROOT / "consent/gate.py"}


def test_only_a_link_that_was_mailed_makes_the_evidence_that_it_was_followed() -> None:
    makers = {file for file in product_files() if any(name == "Confirmed" for name, _ in calls(file))}

    assert makers == {ROOT / "consent/confirmation.py"}


def test_only_the_doors_to_the_databases_begin_or_commit() -> None:
    ends = {("begin", True), ("commit", True), ("commit", False)}

    found = {file.relative_to(ROOT).as_posix() for file in product_files() if ends & set(calls(file))}

    assert found - {"migrations/env.py"} == {
        "app/transaction.py",  # what people's data is read and written in
        "app/setup.py",  # the tables themselves: one transaction per migration
        "vault/keystore.py",  # the other database
        "vault/engine.py",  # what a commit is: it is on the disk
    }


def test_only_one_place_and_the_mailer_ask_over_the_network() -> None:
    ways = re.compile(r"(socket|ssl|smtplib|urllib3|http\.client|urllib\.request|httpx|requests|aiohttp)\b")

    found = {
        file.relative_to(ROOT).as_posix()
        for file in product_files()
        if any(ways.match(name) for name in imports(file))
    }

    assert found == {
        "app/mail.py",
        "app/outgoing.py",
        "app/outgoing_line.py",
        "app/serving.py",  # binds the service's own address
    }
