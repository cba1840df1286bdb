"""A sponsored post as its creator hands it in: the words, where they stand, and for whom.

Nothing of it is stored here. Whoever keeps a verdict keeps its rule and the hash of the text, not the text
(PRIVACY: a labelled post is checked for its label, not for the people in it).
"""

from dataclasses import dataclass
from enum import StrEnum

from explain.wording import Language
from sources.activity import Platform


class Country(StrEnum):
    """Where the people addressed live, hence whose rules apply (ISO 3166-1 alpha-2)."""

    DE = "DE"
    AT = "AT"
    GB = "GB"
    US = "US"


class Format(StrEnum):
    """What kind of post it is: where a label has to stand depends on it."""

    POST = "post"
    STORY = "story"
    VIDEO = "video"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Post:
    """What is checked.

    text: the caption; on YouTube title and description, on Mastodon the content warning first.
    language: the language the post speaks.
    frames: the words seen (or said) in each picture of a story, or in a video from its first seconds on.
    stays: the label in the frames stays on screen while the advertising lasts, or is repeated.
    platform_label: the platform's own mark (“paid partnership”) is switched on.
    """

    text: str
    country: Country
    language: Language
    platform: Platform
    format: Format
    frames: tuple[str, ...] = ()
    stays: bool = False
    platform_label: bool = False
