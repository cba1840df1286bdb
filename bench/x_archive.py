"""An archive of X as large as a busy account's, invented here: rows as the export has them in 2024.

Texts, counters and days vary from row to row by a fixed generator, so that it deflates about as real
archives do, and the same size always gives the same bytes.
"""

import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

MEMBER = "data/tweets.js"
ASSIGNMENT = "window.YTD.tweets.part0 = "
_FIRST = datetime(2016, 1, 4, 6, 0, tzinfo=UTC)
_LETTERS = np.array(list("aabcdeeefghiiklmnooprstuäöüé"))


def tweets_json(megabytes: float) -> str:
    """The rows of the member, about so many megabytes of JSON, indented as X indents it."""
    draw = np.random.default_rng(20240501)
    words = ["".join(draw.choice(_LETTERS, size=length)) for length in draw.integers(2, 12, size=4000)]
    rows = _rows(draw, words)
    first = json.dumps([next(rows)], indent=2, ensure_ascii=False)
    count = max(1, round(megabytes * 1e6 / len(first.encode())))
    return json.dumps([row for row, _ in zip(rows, range(count), strict=False)], indent=2, ensure_ascii=False)


def write_x_archive(path: Path, tweets: str) -> None:
    """A zip with the tweets and, as always there, a manifest."""
    files = [{"fileName": MEMBER, "globalName": "YTD.tweets.part0"}]
    manifest = {
        "archiveInfo": {"generationDate": "2024-05-01T05:00:00.000Z", "isPartialArchive": False},
        "dataTypes": {"tweets": {"files": files}},
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data/manifest.js", f"window.__THAR_CONFIG = {json.dumps(manifest)}")
        archive.writestr(MEMBER, ASSIGNMENT + tweets)


def _rows(draw: np.random.Generator, words: list[str]) -> Iterator[dict[str, Any]]:
    number = 0
    while True:
        number += 1
        yield {"tweet": _tweet(draw, words, number)}


def _tweet(draw: np.random.Generator, words: list[str], number: int) -> dict[str, Any]:
    text = " ".join(words[place] for place in draw.integers(len(words), size=int(draw.integers(3, 40))))
    identifier = str(10**18 + number * 7919 + int(draw.integers(7919)))
    kind, likes = draw.integers(10), int(draw.exponential(40))
    tweet = {
        "edit_info": {
            "initial": {
                "editTweetIds": [identifier],
                "editableUntil": "2024-05-01T06:00:00.000Z",
                "editsRemaining": "5",
                "isEditEligible": True,
            }
        },
        "retweeted": False,
        "source": '<a href="https://mobile.example.com" rel="nofollow">A client for telephones</a>',
        "entities": _entities(draw, words),
        "display_text_range": ["0", str(len(text))],
        "favorite_count": str(likes),
        "id_str": identifier,
        "truncated": False,
        "retweet_count": str(likes // 5),
        "id": identifier,
        "created_at": _x_time(_FIRST + timedelta(minutes=43 * number)),
        "favorited": False,
        "full_text": f"RT @{words[number % len(words)]}: {text}" if kind > 7 else text,
        "lang": "en",
    }
    return tweet | (_reply(draw, words) if kind in (5, 6, 7) else {})


def _entities(draw: np.random.Generator, words: list[str]) -> dict[str, Any]:
    named = [words[place] for place in draw.integers(len(words), size=int(draw.integers(0, 4)))]
    return {
        "hashtags": [{"text": name, "indices": ["3", str(4 + len(name))]} for name in named[:2]],
        "symbols": [],
        "user_mentions": [
            {"name": name, "screen_name": name, "indices": ["0", "9"], "id_str": "12", "id": "12"}
            for name in named[2:]
        ],
        "urls": [],
    }


def _reply(draw: np.random.Generator, words: list[str]) -> dict[str, Any]:
    answered = str(10**18 + int(draw.integers(10**12)))
    return {
        "in_reply_to_status_id_str": answered,
        "in_reply_to_status_id": answered,
        "in_reply_to_screen_name": words[int(draw.integers(len(words)))],
    }


def _x_time(at: datetime) -> str:
    """As X writes it; the process runs in the C locale, where the names are English."""
    return f"{at:%a %b %d %H:%M:%S} +0000 {at.year}"
