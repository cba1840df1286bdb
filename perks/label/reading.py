"""A post's text as tokens: words, hashtags, accounts, links, line ends and marks, in one linear pass.

Each word has two faces. `shown` is what was typed (NFC, case folded); `plain` is what it looks like to an
eye in a hurry: without invisible characters, accents and look-alikes of other alphabets. Where the two differ
a label is disguised: a reader may see it, a search and a screen reader do not. Look-alikes after Unicode
Technical Standard 39, section 4, only those that can imitate the Latin letters of a label.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e007f"
)
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")  # text with one of these is shown in another order
_UNSEEN = re.compile(f"[{_INVISIBLE}]")
_BODY = rf"[\w{_INVISIBLE}\u0300-\u036f\u0489]"
_SCAN = re.compile(
    r"(?P<link>https?://\S+|www\.\S+)"
    rf"|(?P<tag>[#＃]{_BODY}+)"
    r"|(?P<account>@[\w.]+)"
    rf"|(?P<word>{_BODY}+(?:['’]{_BODY}+)*)"
    r"|(?P<line>\r\n|[\n\r\v\f\x85\u2028\u2029])"
    r"|(?P<mark>\S)"
)
_LOOKALIKES = str.maketrans(
    "АВЕЅЗІЈКМНОРСТУХԜԌаеѕіјорсухԁԛԝһгпкмтвзьΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβεηικνορτυωγɑɡıᎪᏴᏟᎠᎬᏀᎻᎫᏦᏞᎷᏢᎡᏒᏚᎢᏙᎳᏔᏃᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢոսցօ",
    "ABESZIJKMHOPCTYXWGaesijopcyxdqwhrnkmtbzbABEZHIKMNOPTYXabenikvoptuwyagiABCDEGHJKLMPRRSTVWWZabcdefghijklmnoprstuvwyznugo",
)
_DIGITS = str.maketrans("013457", "oieast")
_SHORTEST_WITH_DIGITS = 5  # "Anz3ige" imitates a word, "4D" does not


class Kind(StrEnum):
    """What a token is."""

    LINK = "link"
    TAG = "tag"
    ACCOUNT = "account"
    WORD = "word"
    LINE = "line"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a text, from `start` to `end` in characters; see above for its two faces."""

    kind: Kind
    start: int
    end: int
    raw: str
    shown: str
    plain: str


def show(typed: str) -> str:
    """As typed, apart from letter case and what Unicode calls canonically equal."""
    return unicodedata.normalize("NFC", typed).casefold().replace("’", "'")


def fold(typed: str) -> str:
    """As it looks to an eye in a hurry."""
    seen = unicodedata.normalize("NFKD", _UNSEEN.sub("", typed).translate(_LOOKALIKES))
    bare = "".join(letter for letter in seen if not unicodedata.combining(letter))
    folded = bare.translate(_LOOKALIKES).casefold().replace("_", "").replace("’", "'")
    if len(folded) >= _SHORTEST_WITH_DIGITS and not folded.isdigit():
        return folded.translate(_DIGITS)
    return folded


def read(text: str) -> list[Token]:
    """The tokens of a text; spaces fall away. A word of invisible characters only is none."""
    tokens = []
    for found in _SCAN.finditer(text):
        kind, raw = Kind(str(found.lastgroup)), found.group()
        if kind is Kind.WORD and not _UNSEEN.sub("", raw):
            continue
        tokens.append(_token(kind, found.start(), found.end(), raw))
    return tokens


def _token(kind: Kind, start: int, end: int, raw: str) -> Token:
    if kind not in {Kind.WORD, Kind.TAG}:
        return Token(kind, start, end, raw, "", "")
    body = raw.lstrip("#＃")
    edged = _UNSEEN.sub("", body[:1]) + body[1:-1] + _UNSEEN.sub("", body[-1:]) if len(body) > 1 else body
    return Token(kind, start, end, raw, show(edged.replace("_", "")), fold(body))
