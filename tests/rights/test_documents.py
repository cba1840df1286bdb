"""The documents made from the code: what is committed is what they say today, and what they name exists."""

import ast
from datetime import date
from functools import cache

import pytest

from app.documents import every_document
from app.tables import MODULES
from consent.purpose import RULES, Basis, Purpose
from consent.recipient import PRESENT_TERMS
from rights.documents.catalogue import (
    Processor,
    assessments,
    interests,
    measures,
    processors,
    risks,
    rows,
    ways_out,
)
from rights.documents.registry import every_table
from tests.architecture.checkout import ROOT, product_files
from vault.holdings import holding_of

assert MODULES
NAMED = sorted(
    {name for one in rows() for name in one.tests}
    | {name for one in measures() for name in one.tests}
    | {name for one in risks() for name in one.tests}
    | {name for one in interests() for name in one.tests}
)


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("name", sorted(every_document()))
def test_a_committed_document_is_what_the_code_says_today(name):
    committed = (ROOT / "docs" / name).read_text(encoding="utf-8")

    assert every_document()[name]() == committed, "klarwert documents write"


@pytest.mark.parametrize("name", NAMED)
def test_every_test_a_document_names_exists(name):
    path, _, function = name.partition("::")

    assert function.startswith("test_")
    assert function in functions_of(path)


def test_every_purpose_is_assessed():
    assert {one.purpose for one in assessments()} == {purpose.value for purpose in Purpose}


def test_every_assessed_risk_is_one_with_a_control_that_tests_hold():
    known = {risk.id for risk in risks() if risk.tests}

    assert {risk for one in assessments() for risk in one.risks} == known


def test_no_risk_is_left_so_high_that_the_authority_must_be_asked_first():
    degrees = ("low", "medium", "high")

    for risk in risks():
        left = degrees.index(risk.likelihood) + degrees.index(risk.severity)
        assert left <= 2, f"{risk.id}: Art. 36(1)"


def test_the_terms_a_recipient_signs_are_those_in_use():
    terms = (ROOT / "docs/recipient-terms.md").read_text(encoding="utf-8")

    assert f"# Terms for recipients, version {PRESENT_TERMS}" in terms
    duties = ("28(3)", "No profile", "not passed on", "Art. 19", "24 hours", "six months")
    assert [words for words in duties if words not in " ".join(terms.split())] == []


def test_no_cell_of_a_document_is_empty():
    for one in (*rows(), *measures(), *risks(), *assessments(), *interests()):
        assert all(value for name, value in vars(one).items() if name != "tests")


def test_a_processor_outside_the_eea_needs_a_tool():
    assert processors()
    with pytest.raises(ValueError, match="EEA"):
        Processor("A host", "stores", "US", "always")
    assert Processor("A host", "stores", "US", "always", "standard-clauses").transfer_tool


def test_every_legitimate_interest_is_weighed_and_dated():
    by_purpose = {purpose.value for purpose, rule in RULES.items() if rule.basis is Basis.LEGITIMATE_INTEREST}
    by_table = {
        table.__tablename__ for table in every_table() if holding_of(table).basis == Basis.LEGITIMATE_INTEREST
    }

    assert {one.about for one in interests()} == by_purpose | by_table | {"archive-transit"}
    assert all(date(2026, 11, 1) <= one.weighed_on for one in interests())


def asks_outside(tree):
    """Whether a module sends mail, or asks others through app/outgoing.py, the only other door."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and any(alias.name == "smtplib" for alias in node.names):
            return True
        if isinstance(node, ast.ImportFrom) and node.module == "app.outgoing":
            return any(alias.name.lower() == "outgoing" for alias in node.names)
    return False


def test_every_module_that_opens_connections_says_whom_they_lead_to():
    found = {
        file.relative_to(ROOT).as_posix()
        for file in product_files()
        if asks_outside(ast.parse(file.read_text(encoding="utf-8")))
    }

    assert {one.module for one in ways_out()} == found, "rights/documents/processors.toml, way_out"
    assert {one.leads_to for one in ways_out()} <= {"recipients", *(one.name for one in processors())}
