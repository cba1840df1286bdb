"""A large archive is read in the memory of a small one."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.making import tweet

ROOT = Path(__file__).resolve().parents[2]
MEMBER_BYTES = 60_000_000


def write_large_archive(path: Path) -> int:
    """Tweets until the member has its size; returns how many."""
    template = json.dumps(
        {"tweet": tweet(0, full_text="x" * 200, created_at="@day", lang="en" * 300)}, indent=2
    )
    count = written = 0
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("data/tweets.js", "w") as member,
    ):
        member.write(b"window.YTD.tweets.part0 = [")
        while written < MEMBER_BYTES:
            day = f"Wed Oct {1 + count % 28:02d} 20:19:24 +0000 {2006 + count % 19}"
            row = template.replace("@day", day).replace('"0"', f'"{count}"')
            written += member.write((",\n" if count else "").encode() + row.encode())
            count += 1
        member.write(b"]")
    return count


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from Linux's /proc")
def test_a_member_of_sixty_megabytes_costs_less_than_eight_above_idle(tmp_path: Path) -> None:
    path = tmp_path / "archive.zip"
    count = write_large_archive(path)

    command = [sys.executable, "-m", "tests.sources.reading", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=120)

    outcome = json.loads(done.stdout)
    assert outcome["posts"] == count
    assert outcome["peak_mb"] - outcome["idle_mb"] < 8
