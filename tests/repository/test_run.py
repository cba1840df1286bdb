"""run.py as its users call it, on a small project that needs no network: real environments, real pip."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""

# The least a build backend must know (PEP 660): one wheel with the console script that `serve` becomes.
BACKEND = """\
import zipfile

INFO = "klarwert-0.dist-info"


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = "klarwert-0-py3-none-any.whl"
    with zipfile.ZipFile(f"{wheel_directory}/{name}", "w") as wheel:
        wheel.writestr("served.py", "import sys\\n\\ndef main():\\n    print(sys.argv[1:])\\n    return 7\\n")
        wheel.writestr(f"{INFO}/METADATA", "Metadata-Version: 2.1\\nName: klarwert\\nVersion: 0\\n")
        wheel.writestr(f"{INFO}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{INFO}/entry_points.txt", "[console_scripts]\\nklarwert = served:main\\n")
        wheel.writestr(f"{INFO}/RECORD", "")
    return name
"""


def new_project(folder: Path) -> Path:
    folder.mkdir()
    shutil.copy(ROOT / "run.py", folder)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "backend.py").write_text(BACKEND)
    (folder / "requirements.lock").write_text("")
    (folder / "requirements-development.lock").write_text("")
    return folder


def start(project: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    environment.pop("PYTHONPYCACHEPREFIX", None)  # bytecode of environments that are thrown away
    return subprocess.Popen(
        [sys.executable, project / "run.py", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    process = start(project, *arguments)
    stdout, stderr = process.communicate(timeout=120)
    return subprocess.CompletedProcess(arguments, process.returncode, stdout, stderr)


def as_if(project: Path, fact: str) -> subprocess.CompletedProcess[str]:
    """`run.py serve` in an interpreter that differs in one fact."""
    code = f"import sys; {fact}; import run; sys.exit(run.main(['serve']))"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose set-up two runs began at the same moment."""
    folder = new_project(tmp_path_factory.mktemp("run") / "a folder with spaces")
    both = [start(folder, "setup"), start(folder, "setup")]
    said = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sorted("Making .venv" in each for each in said) == [False, True], said
    return folder


def environment_of(project: Path) -> int:
    """What changes when `.venv` is made anew."""
    return (project / ".venv" / "pyvenv.cfg").stat().st_mtime_ns


@pytest.mark.parametrize("arguments", [(), ("deploy",), ("check", "--fast"), ("setup", "--all")])
def test_what_run_py_does_not_know_is_answered_with_its_usage(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    folder = new_project(tmp_path / "project")

    done = run(folder, *arguments)

    assert done.returncode == 2
    assert done.stderr.startswith("usage: python3 run.py")
    assert not (folder / ".venv").exists()


def test_help_is_an_answer_and_not_an_error(tmp_path: Path) -> None:
    done = run(new_project(tmp_path / "project"), "--help")

    assert done.returncode == 0
    assert "serve [--demo]" in done.stdout


def test_run_py_can_be_read_by_a_python_too_old_to_run_it() -> None:
    ast.parse((ROOT / "run.py").read_text(encoding="utf-8"), feature_version=(3, 8))


def test_a_python_too_old_is_refused_in_one_sentence(tmp_path: Path) -> None:
    folder = new_project(tmp_path / "project")

    done = as_if(folder, "sys.version_info = (3, 10, 13)")

    assert done.returncode == 2
    assert done.stderr == "Klarwert needs Python 3.11 or newer; this is Python 3.10.\n"


def test_an_environment_that_is_ready_is_left_as_it_is(project: Path) -> None:
    before = environment_of(project)

    done = run(project, "setup")

    assert done.returncode == 0
    assert done.stderr == "Klarwert is set up. Next: python3 run.py serve\n"
    assert environment_of(project) == before


def test_serve_becomes_the_service_with_its_arguments_and_its_exit_code(project: Path) -> None:
    done = run(project, "serve", "--demo", "--port", "8001")

    assert done.returncode == 7
    assert done.stdout == "['serve', '--demo', '--port', '8001']\n"


def test_a_changed_lock_is_installed_into_the_same_environment(project: Path) -> None:
    before = environment_of(project)
    (project / "requirements.lock").write_text("# changed\n")

    done = run(project, "setup")

    assert "Installing 0 packages from requirements.lock" in done.stderr
    assert environment_of(project) == before
    assert "Installing" not in run(project, "setup").stderr


def test_a_development_environment_also_serves(project: Path) -> None:
    run(project, "setup", "--development")

    assert "Installing" not in run(project, "setup").stderr
    assert (project / ".venv" / "klarwert-setup").read_text().startswith("development\n")


def test_a_set_up_that_was_killed_is_thrown_away_and_made_anew(project: Path) -> None:
    (project / ".venv.lock").write_text("unfinished")
    (project / ".venv" / "klarwert-setup").unlink()
    before = environment_of(project)

    done = run(project, "setup")

    assert done.returncode == 0
    assert "Making .venv" in done.stderr
    assert environment_of(project) != before
    assert (project / ".venv.lock").read_text() == ""


def test_an_environment_of_another_python_is_made_anew(project: Path) -> None:
    stamp = project / ".venv" / "klarwert-setup"
    stamp.unlink()
    for python in (project / ".venv" / "bin").glob("python*"):
        python.unlink()
    (project / ".venv" / "bin" / "python").write_text("#!/bin/sh\necho 3.9\n")
    (project / ".venv" / "bin" / "python").chmod(0o755)

    done = run(project, "setup")

    assert done.returncode == 0
    assert "Making .venv" in done.stderr
    assert stamp.exists()


def test_an_environment_moved_with_its_folder_is_made_anew(project: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(project, moved, symlinks=True)

    done = run(moved, "serve")

    assert done.returncode == 7
    assert "Making .venv" in done.stderr


def test_a_python_without_its_venv_module_is_told_which_package_brings_it(tmp_path: Path) -> None:
    folder = new_project(tmp_path / "project")

    done = as_if(folder, "sys.modules['ensurepip'] = None")

    assert done.returncode == 1
    assert "apt install python3-venv" in done.stderr


def test_a_package_that_cannot_be_had_stops_the_set_up_with_one_sentence(project: Path) -> None:
    (project / "requirements.lock").write_text(f"klarwert-nowhere==1 --hash=sha256:{'0' * 64}\n")

    done = run(project, "serve")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "The package index does not offer what the lock asks for on this machine. Details: .venv/setup.log"
    )
    assert "Traceback" not in done.stderr
    assert (project / ".venv.lock").read_text() == "unfinished"
