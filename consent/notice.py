"""The words a person decides on, versioned and bound by their SHA-256 (GDPR Art. 7(1), 7(2)).

A published text never changes: a new wording is a new file with a new version (register.py). What a consent
record keeps is the version, the language and the digest of the very text that was shown, with everything
filled in that it is about. Values of the person's fields stand beside a text and never in it, so that the
text can be printed again from what the record keeps.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from consent.errors import NoticeUnknown
from consent.part import FIELDS, Part, SharedField
from consent.purpose import Purpose, Scope
from consent.register import LANGUAGES, PUBLISHED, Notices

NAMES = {"x": "X (Twitter)", "mastodon": "Mastodon"}
LINES = {"card": {"en": "Klarwert card", "de": "Klarwert-Karte"}}  # of models, by their names
_BY_FIELD = frozenset({Purpose.BRAND_SHARE, Purpose.PROFILE_PUBLIC})


@dataclass(frozen=True)
class Notice:
    """One text as shown.

    chosen: the fields it names, where the purpose goes field by field.
    perk: what the offer it is about is called in it; empty where it is about none.
    """

    scope: Scope
    version: str
    language: str
    text: str
    chosen: frozenset[SharedField] = frozenset()
    perk: str = ""

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


def notice(
    scope: Scope,
    language: str,
    version: str | None = None,
    *,
    chosen: Collection[SharedField] = (),
    names: Mapping[str, str] | None = None,
    notices: Notices = PUBLISHED,
) -> Notice:
    """The text of one scope in one language, in the present or an earlier version.

    Args:
        chosen: the fields a brand is to get.
        names: what the scope's words are called, e.g. `brand` and `perk`, `line`.

    Raises:
        NoticeUnknown: no such text, or it has places nothing was given for.
    """
    found = notices.find(scope.purpose, version)
    if language not in LANGUAGES:
        raise NoticeUnknown
    fields = _fields(scope, chosen)
    if not fields <= found.covers or (scope.purpose in _BY_FIELD and not fields):
        raise NoticeUnknown
    facts = {name: " ".join(called.split()) for name, called in (names or {}).items()}
    facts |= _facts(scope, language, fields, notices)
    try:
        text = found.texts[language].format(**facts)
    except KeyError as lacking:
        raise NoticeUnknown from lacking
    return Notice(scope, found.version, language, text, fields, facts.get("perk", ""))


def covered(notices: Notices, scope: Scope, version: str) -> frozenset[Part]:
    """What a decision covers: all its version asked for, but of fields only the one it is about.

    Which fields a brand may have is asked where they are handed over (disclosure.py).
    """
    whole = notices.find(scope.purpose, version).covers
    return whole - frozenset(FIELDS) | _fields(scope, ()) if scope.purpose in _BY_FIELD else whole


def _fields(scope: Scope, chosen: Collection[SharedField]) -> frozenset[SharedField]:
    if scope.purpose is Purpose.PROFILE_PUBLIC and scope.about in set(FIELDS):
        return frozenset({SharedField(scope.about)})
    if not frozenset(chosen) <= frozenset(FIELDS):
        raise NoticeUnknown
    return frozenset(chosen)


def _facts(scope: Scope, language: str, fields: frozenset[SharedField], notices: Notices) -> dict[str, str]:
    """What the program itself fills in."""
    called = [notices.fields[language][field] for field in FIELDS if field in fields]
    facts = {"fields": ", ".join(called), "field": ", ".join(called)}
    if scope.purpose is Purpose.SCORE_COMPUTE and scope.about in NAMES:
        facts["platform"] = NAMES[scope.about]
    if scope.purpose is Purpose.RESEARCH_TRAIN and scope.about in LINES:
        facts["line"] = LINES[scope.about][language]
    return facts
