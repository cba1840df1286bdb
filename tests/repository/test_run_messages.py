"""What run.py makes of what pip, uv and venv write, and of a folder for what tests write."""

from pathlib import Path

import pytest

import run

NO_NETWORK = (
    "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(\"HTTPSConnection: "
    "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution\")'\n"
    "ERROR: No matching distribution found for alembic==1.20.1"
)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk"),
        ("error: failed to write: No space left on device (os error 28)", "disk"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "hash"),
        ("error: Hash mismatch for `click==8.5.1`", "hash"),
        ("The virtual environment was not created successfully because ensurepip is not available.", "venv"),
        (NO_NETWORK, "network"),
        ("error: Failed to fetch: dns error: failed to lookup address information", "network"),
        ("ERROR: No matching distribution found for alembic==1.20.1", "does not offer"),
    ],
)
def test_what_a_tool_writes_at_length_is_said_in_one_sentence(said: str, sentence: str) -> None:
    found = run.cause_of(said)

    assert found is not None
    assert sentence in found
    assert "\n" not in found


def test_what_run_py_does_not_understand_is_left_to_the_log() -> None:
    assert run.cause_of("Segmentation fault") is None
    assert run.failure_of("Segmentation fault") == "Set-up stopped. Details: .venv/setup.log"


def test_tests_write_into_memory_only_where_it_is_there_and_large_enough(tmp_path: Path) -> None:
    assert run.is_quick(tmp_path, least_bytes=1)

    assert not run.is_quick(tmp_path, least_bytes=2**80)
    assert not run.is_quick(tmp_path / "nowhere", least_bytes=1)
