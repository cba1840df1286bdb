"""The documents made from the code: what is committed is what they say today, and what they name exists."""

import ast
from functools import cache

import pytest

from app.tables import MODULES
from consent.purpose import Purpose
from rights.documents.catalogue import Processor, assessments, measures, processors, risks, rows
from rights.documents.render import DOCUMENTS
from tests.architecture.checkout import ROOT

assert MODULES
NAMED = sorted(
    {name for one in rows() for name in one.tests}
    | {name for one in measures() for name in one.tests}
    | {name for one in risks() for name in one.tests}
)


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_a_committed_document_is_what_the_code_says_today(name):
    committed = (ROOT / "docs" / name).read_text(encoding="utf-8")

    assert DOCUMENTS[name]() == committed, "klarwert documents write"


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


def test_no_cell_of_a_document_is_empty():
    for one in (*rows(), *measures(), *risks(), *assessments()):
        assert all(value for name, value in vars(one).items() if name != "tests")


def test_a_processor_outside_the_eea_needs_a_tool():
    assert processors()
    with pytest.raises(ValueError, match="EEA"):
        Processor("A host", "stores", "US", "always")
    assert Processor("A host", "stores", "US", "always", "standard-clauses").transfer_tool
