"""A notebook runs from its first cell to its last, says what it said when saved, and leaves nothing."""

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from tests.repository.checkout import ROOT
from tests.repository.notebooks import NOTEBOOKS, execute, read_notebook, stripped
from tests.repository.test_tracked_files import PATH_OF_A_MACHINE

MOST_BYTES = 400_000
each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def outputs(notebook: NotebookNode) -> list[NotebookNode]:
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def printed(notebook: NotebookNode) -> list[str]:
    return [output.text for output in outputs(notebook) if output.output_type == "stream"]


def pictures(notebook: NotebookNode) -> int:
    return sum("image/png" in output.get("data", {}) for output in outputs(notebook))


def test_there_is_a_notebook() -> None:
    assert [path.name for path in NOTEBOOKS] == ["explain-a-score.ipynb"]


@each
def test_a_notebook_runs_in_a_fresh_kernel_and_prints_what_is_saved(path: Path) -> None:
    saved = read_notebook(path)
    beside = sorted(path.parent.iterdir())

    fresh = execute(saved)

    assert [output for output in outputs(fresh) if output.output_type == "error"] == []
    assert printed(fresh) == printed(saved), "save it anew: see docs/notebooks/README.md"
    assert pictures(fresh) == pictures(saved) == 3
    assert sorted(path.parent.iterdir()) == beside


@each
def test_a_saved_notebook_was_run_in_order_and_without_complaint(path: Path) -> None:
    saved = read_notebook(path)

    nbformat.validate(saved)

    counts = [cell.execution_count for cell in saved.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert {output.get("name", "stdout") for output in outputs(saved)} == {"stdout"}
    assert any("equal to 1e-12: True" in text for text in printed(saved))
    assert any("equal to 1e-9: True" in text for text in printed(saved))


@each
def test_a_saved_notebook_is_small_and_says_nothing_of_the_machine_it_ran_on(path: Path) -> None:
    saved = read_notebook(path)
    text = "".join(printed(saved))

    assert path.stat().st_size < MOST_BYTES
    assert not PATH_OF_A_MACHINE.search(text)
    assert not any(place in text for place in (str(ROOT), str(Path.home())))
    assert stripped(read_notebook(path)) == saved
