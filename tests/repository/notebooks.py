"""Notebooks run in a fresh kernel of this interpreter; what a kernel writes stays in a folder of its own.

To save a notebook with new outputs, from the checkout: `.venv/bin/python -m tests.repository.notebooks`.
"""

import json
import os
import sys
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode

from tests.repository.checkout import ROOT

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
TIMEOUT_SECONDS = 300


def read_notebook(path: Path) -> NotebookNode:
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def execute(notebook: NotebookNode) -> NotebookNode:
    """Run every cell as a person who opened the notebook would; returns it with its new outputs."""
    fresh = deepcopy(notebook)
    with TemporaryDirectory() as folder:
        client = NotebookClient(
            fresh,
            km=_kernel(Path(folder)),
            timeout=TIMEOUT_SECONDS,
            record_timing=False,
            resources={"metadata": {"path": str(NOTEBOOKS[0].parent)}},
        )
        client.execute(env=_environment(Path(folder)), cleanup_kc=True)
    return fresh


def _kernel(workplace: Path) -> KernelManager:
    """This interpreter as a kernel that nobody has to install, spoken to through files and no port."""
    specification = workplace / "kernels" / "here" / "kernel.json"
    specification.parent.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    specification.write_text(json.dumps({"argv": command, "display_name": "here", "language": "python"}))
    return KernelManager(
        kernel_name="here",
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(workplace / "kernels")]),
        connection_file=str(workplace / "connection.json"),
        transport="ipc",
        ip=str(workplace / "ipc"),
    )


def _environment(workplace: Path) -> dict[str, str]:
    """Homes and caches of Jupyter, IPython and matplotlib away from the person's own and the checkout."""
    homes = {
        name: str(workplace / "home")
        for name in ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "MPLCONFIGDIR")
    }
    # shap asks for the progress bars of a notebook, which need a package nobody else needs.
    quiet = {"PYTHONWARNINGS": "ignore:IProgress not found"}
    if "PYTHONPYCACHEPREFIX" not in os.environ:  # else bytecode lies there, and the next kernel starts sooner
        quiet["PYTHONDONTWRITEBYTECODE"] = "1"
    return {**os.environ, **homes, **quiet}


def stripped(notebook: NotebookNode) -> NotebookNode:
    """Without what differs from run to run and from machine to machine but is no result."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {}
    return notebook


if __name__ == "__main__":
    for path in NOTEBOOKS:
        renewed = stripped(execute(read_notebook(path)))
        path.write_text(nbformat.writes(renewed) + "\n", encoding="utf-8")
