"""The locks: every package by version and hash, no address, and the traps a resolver fell into before."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
RUNTIME, DEVELOPMENT, UV = "requirements.lock", "requirements-development.lock", "requirements-uv.lock"


def pins(lock: str) -> list[tuple[Requirement, frozenset[str]]]:
    """Each requirement of a lock with its hashes."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    entries = [line.partition("--hash=") for line in text.splitlines() if line.strip()]
    return [
        (Requirement(name.strip()), frozenset(re.findall(r"sha256:[0-9a-f]{64}", mark + hashes)))
        for name, mark, hashes in entries
    ]


def versions(lock: str) -> dict[str, dict[str, frozenset[str]]]:
    """Package -> version, as pinned -> hashes."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for requirement, hashes in pins(lock):
        found.setdefault(requirement.name, {})[str(requirement.specifier)] = hashes
    return found


@pytest.mark.parametrize("lock", [RUNTIME, DEVELOPMENT, UV])
def test_a_lock_names_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert "://" not in text
    assert "-url" not in text


@pytest.mark.parametrize("lock", [RUNTIME, DEVELOPMENT, UV])
def test_every_requirement_of_a_lock_is_one_version_with_hashes(lock: str) -> None:
    found = pins(lock)

    assert found
    assert all(str(requirement.specifier).startswith("==") for requirement, _ in found)
    assert all(hashes for _, hashes in found)


def test_the_development_lock_holds_the_runtime_lock_pin_for_pin() -> None:
    runtime, development = versions(RUNTIME), versions(DEVELOPMENT)

    assert {name: development.get(name) for name in runtime} == runtime


def test_a_recent_numba_is_asked_for_beside_shap() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {Requirement(line).name: line for line in project["optional-dependencies"]["explain"]}

    locked = [specifier.removeprefix("==") for specifier in versions(DEVELOPMENT)["numba"]]

    assert "shap" in asked
    assert asked["numba"] == "numba>=0.61"
    assert all(Version(version) >= Version("0.61") for version in locked)


def test_the_runtime_lock_keeps_training_and_proof_out_of_the_service() -> None:
    assert not versions(RUNTIME).keys() & {"shap", "scikit-learn", "pandas", "numpy", "numba", "scipy"}


def test_everything_pyproject_asks_for_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [Requirement(line) for line in project["dependencies"]]

    locked = versions(RUNTIME)

    for requirement in asked:
        for version in locked[requirement.name.lower()]:
            assert requirement.specifier.contains(version.removeprefix("=="))
