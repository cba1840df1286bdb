"""What no file of the repository may contain."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Written so that this file does not match itself.
PATH_OF_A_MACHINE = re.compile(r"(?<![\w.~:/$}>-])/(?:home|root|work|Users)/\w")
UNFINISHED = re.compile(r"\b(?:TO[D]O|FIX[M]E|XX[X])\b")
UNVERIFIED = re.compile(r"\bverify\s*=\s*Fals[e]\b")


def repository_files() -> list[Path]:
    """What git tracks or would track on the next commit."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("This checkout is not a git repository, or git is missing.")
    return [file for name in done.stdout.split("\0") if name and (file := ROOT / name).is_file()]


@pytest.mark.parametrize("pattern", [PATH_OF_A_MACHINE, UNFINISHED, UNVERIFIED], ids=lambda p: p.pattern)
def test_no_file_has_what_belongs_to_one_machine_or_is_left_undone(pattern: re.Pattern[str]) -> None:
    found = []
    for file in repository_files():
        text = file.read_bytes().decode("utf-8", errors="ignore")
        found += [f"{file.relative_to(ROOT)}: {match.group()}" for match in pattern.finditer(text)]

    assert not found


def test_an_absolute_path_would_be_seen() -> None:
    assert PATH_OF_A_MACHINE.search("open('/" + "home/someone/file')")
    assert not PATH_OF_A_MACHINE.search("https://example.org/home/someone")
