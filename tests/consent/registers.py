"""A register of notices for tests: the published one with a newer text about the score."""

from pathlib import Path
from shutil import copytree

from consent.register import Notices, read_notices
from tests.architecture.checkout import ROOT

NEWER = """
[[version]]
purpose = "score.compute"
version = "2027-01"
valid_from = 2027-01-01
material = {material}
covers = ["activity-counts", "audience-counts", "scoring"{more}]

[version.news]
en = "What is new."
de = "Was neu ist."
"""


def with_newer_text(directory: Path, *, more: str = "") -> Notices:
    """The published register with one version more, which asks for `more` than the one before."""
    copied = copytree(ROOT / "consent/notices", directory / "notices")
    with (copied / "register.toml").open("a", encoding="utf-8") as register:
        asked = f', "{more}"' if more else ""
        register.write(NEWER.format(material=str(bool(more)).lower(), more=asked))
    for language in ("en", "de"):
        newer = copied / f"score.compute.2027-01.{language}.txt"
        newer.write_text("May we, from {platform}?\n\nA newer text.\n", encoding="utf-8")
    return read_notices(copied)
