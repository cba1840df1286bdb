"""The checkout as the tests of its documents see it."""

import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MADE = {"build", "dist", "var"}


def documents() -> list[Path]:
    """Every Markdown file, but for what tools and instances put into hidden and made folders."""
    return sorted(_markdown_below(ROOT))


def _markdown_below(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in MADE]
        yield from (Path(here, name) for name in files if name.endswith(".md"))
