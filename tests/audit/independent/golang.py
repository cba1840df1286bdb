"""The Go programs beside the tests, compiled from Debian's golang-go and golang-golang-x-mod-dev."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SOURCES = Path("/usr/share/gocode")
REQUIRED = "go" in os.environ.get("KLARWERT_REQUIRE", "").split(",")


def compiled(name: str, place: Path) -> Path:
    """The program of `NAME.go`; skips loudly where it cannot be compiled, fails where Go is required."""
    if shutil.which("go") is None or not (SOURCES / "src/golang.org/x/mod/sumdb").is_dir():
        why = "Go or golang-golang-x-mod-dev is not installed."
        pytest.fail(f"KLARWERT_REQUIRE names go, but: {why}") if REQUIRED else pytest.skip(why)
    settings = {"GO111MODULE": "off", "GOPATH": str(SOURCES), "GOCACHE": str(place / "cache")}
    command = ["go", "build", "-o", str(place / name), str(Path(__file__).with_name(f"{name}.go"))]
    subprocess.run(command, env={**os.environ, **settings}, check=True, timeout=120)
    return place / name
