"""The words a person decides on, versioned and bound by their SHA-256 (GDPR Art. 7(1), 7(2)).

A published text never changes: a new wording is a new file with a new version. What a consent record
keeps is the version, the language and the digest of the very text that was shown, platform name filled in.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from consent.errors import NoticeUnknown
from consent.purpose import Purpose, Scope

LANGUAGES = ("en", "de")
PRESENT = {Purpose.SCORE_COMPUTE: "2026-11"}
NAMES = {"x": "X (Twitter)", "mastodon": "Mastodon"}
_TEXTS = Path(__file__).parent / "notices"


@dataclass(frozen=True)
class Notice:
    """One text as shown."""

    scope: Scope
    version: str
    language: str
    text: str

    @property
    def sha256(self) -> str:
        """Digest of the text's UTF-8 bytes, hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def question(self) -> str:
        """The first line: what is asked."""
        return self.text.partition("\n")[0]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The lines that follow the question."""
        return tuple(line for line in self.text.splitlines()[1:] if line)


@cache
def notice(scope: Scope, language: str, version: str | None = None) -> Notice:
    """The text of one scope in one language, in the present or an earlier version.

    Raises:
        NoticeUnknown: no such text.
    """
    version = version or PRESENT.get(scope.purpose, "")
    path = _TEXTS / f"{scope.purpose}.{version}.{language}.txt"
    if language not in LANGUAGES or scope.about not in NAMES or not path.is_file():
        raise NoticeUnknown
    text = path.read_text(encoding="utf-8").format(platform=NAMES[scope.about])
    return Notice(scope, version, language, text)
