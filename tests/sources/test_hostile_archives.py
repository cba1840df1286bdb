"""Every hostile archive is refused for the right reason, soon, in little memory, and leaves nothing."""

import io
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sources.archive import Archive
from sources.errors import ArchiveUnreadable, ArchiveUnsafe
from sources.limits import Limits
from sources.readers import read_archive
from tests.making import tweet, x_archive, zip_of
from tests.making_hostile import GOOD, HOSTILE
from vault.errors import DomainError

ROOT = Path(__file__).resolve().parents[2]


@cache  # some take a second to make, and all are read twice
def archive_of(name: str) -> bytes:
    return HOSTILE[name].build()


def read_in_child(archive: bytes, folder: Path) -> dict[str, Any]:
    upload, scratch = folder / "upload", folder / "scratch"
    upload.mkdir()
    scratch.mkdir()
    (upload / "archive").write_bytes(archive)
    environment = {**os.environ, "TMPDIR": str(scratch), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "tests.sources.reading", str(upload / "archive")]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True, timeout=60)
    assert not list(scratch.iterdir())
    assert [file.name for file in upload.iterdir()] == ["archive"]
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from Linux's /proc")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_within_two_seconds_and_100_mb(name: str, tmp_path: Path) -> None:
    attack = HOSTILE[name]

    outcome = read_in_child(archive_of(name), tmp_path)

    assert (outcome.get("slug"), outcome.get("reason")) == (attack.slug, attack.reason)
    assert outcome["seconds"] < 2
    assert outcome["peak_mb"] < 100


@pytest.mark.parametrize("name", HOSTILE)
def test_a_refusal_is_a_sentence_with_nothing_but_our_own_words(name: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_archive(io.BytesIO(archive_of(name)))

    assert refused.value.detail.endswith((".", ")"))
    assert not any(word in refused.value.detail for word in ("data/", ".js", ".json", "passwd"))


def test_a_nested_archive_beside_a_good_one_is_never_opened() -> None:
    archive = zip_of({**GOOD, "inner.zip": zip_of({"data/tweets.js": b"not json"})})

    assert read_archive(io.BytesIO(archive)).posts == 1


def test_a_member_larger_than_the_limit_is_refused_by_its_declared_size() -> None:
    archive = x_archive([tweet(full_text="x" * 5000)])

    with pytest.raises(ArchiveUnsafe) as refused:
        Archive(io.BytesIO(archive), Limits(member_bytes=1000))

    assert refused.value.facts == {"reason": "member-size", "label": "tweets"}


def test_an_archive_larger_than_the_limit_is_refused_by_the_sum_of_declared_sizes() -> None:
    archive = zip_of({**GOOD, "a": bytes(600), "b": bytes(600)})

    with pytest.raises(ArchiveUnsafe) as refused:
        Archive(io.BytesIO(archive), Limits(declared_bytes=1200))

    assert refused.value.facts["reason"] == "declared-size"


def test_a_refused_row_is_named_by_label_and_number_only() -> None:
    archive = x_archive([tweet(1), tweet(2, full_text="CANARY", favorite_count="CANARY")])

    with pytest.raises(ArchiveUnreadable) as refused:
        read_archive(io.BytesIO(archive))

    assert refused.value.facts == {"reason": "row", "label": "tweets", "row": 2}
    assert "CANARY" not in str(refused.value)


@pytest.mark.parametrize("cut", range(1, 300, 7))
def test_an_archive_cut_off_anywhere_is_refused(cut: int) -> None:
    archive = x_archive([tweet()])

    with pytest.raises(DomainError):
        read_archive(io.BytesIO(archive[:-cut]))
