"""Nobody but the person who brought the archive can be found in what is read from it (PRIVACY.md 1.5)."""

import base64
import hashlib
import io
import json
import re
import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from sources.readers import read_archive
from sources.record_json import record_to_json
from tests.making import announce, create, outbox, received, tar_of, tweet, wrapped, x_file, zip_of
from vault.errors import DomainError

CLOSED = re.compile(r"x|mastodon|archive|[a-z_]+_(received|made)|followers|following|listed|posts|replies")
DATED = re.compile(r"\d{4}-(\d\d-\d\d|W\d\d)")


def x_about(person: Callable[[str], str]) -> bytes:
    """An X archive in which every place where another person can stand holds one."""
    mention = {
        "name": person("name"),
        "screen_name": person("handle"),
        "id_str": person("id"),
        "id": person("id"),
    }
    row = tweet(
        full_text=f"@{person('handle')} {person('text')}",
        in_reply_to_screen_name=person("handle"),
        in_reply_to_user_id_str=person("id"),
        in_reply_to_status_id_str=person("status"),
        source=person("client"),
        entities={"user_mentions": [mention], "urls": [{"expanded_url": person("url")}]},
    )
    retweet = tweet(2, full_text=f"RT @{person('handle')}: {person('text')}")
    link = {"accountId": person("id"), "userLink": person("url")}
    messages = [{"dmConversation": {"messages": [{"text": person("message")}]}}]
    return zip_of(
        {
            "data/tweets.js": x_file("tweets", wrapped([row, retweet])),
            "data/follower.js": x_file("follower", [{"follower": link}]),
            "data/following.js": x_file("following", [{"following": link}]),
            "data/lists-member.js": x_file("lists_member", [{"userListInfo": {"url": person("url")}}]),
            "data/direct-messages.js": x_file("direct_messages", messages),
            "data/contact.js": x_file("contact", [{"contact": {"emails": [person("mail")]}}]),
            f"data/tweets_media/{person('handle')}.jpg": person("picture").encode(),
        }
    )


def mastodon_about(person: Callable[[str], str]) -> bytes:
    post = create(
        cc=[person("url")],
        note_inReplyTo=person("url"),
        note_content=person("text"),
        note_tag=[{"type": "Mention", "href": person("url"), "name": person("handle")}],
        note_replies={"first": {"items": [person("url")]}},
        **received(1, 1),
    )
    likes = json.dumps({"orderedItems": [person("url")]}).encode()
    return tar_of({"outbox.json": outbox([post, announce(object=person("url"))]), "likes.json": likes})


def canary(field: str) -> str:
    return f"CANARY-{field}-7d3"


def disguises(word: str) -> list[str]:
    raw = word.encode()
    digests = [hashlib.new(name, raw).hexdigest() for name in ("md5", "sha1", "sha256")]
    return [word, base64.b64encode(raw).decode(), quote(word, safe=""), *digests]


def record_text(archive: bytes) -> str:
    return json.dumps(record_to_json(read_archive(io.BytesIO(archive))))


def strings_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in strings_in(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in strings_in(inner)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("build", [x_about, mastodon_about])
def test_no_third_person_is_found_in_the_record(build: Callable[[Callable[[str], str]], bytes]) -> None:
    asked: list[str] = []

    def person(field: str) -> str:
        asked.append(field)
        return canary(field)

    text = record_text(build(person))

    assert asked
    assert not [found for field in asked for found in disguises(canary(field)) if found in text]


@pytest.mark.parametrize("build", [x_about, mastodon_about])
def test_swapping_every_third_person_changes_no_byte(build: Callable[[Callable[[str], str]], bytes]) -> None:
    one = record_text(build(lambda field: f"anna-{field}"))
    other = record_text(build(lambda field: f"RT @ bert 🙂 and his {field * 40}"))

    assert one == other


@pytest.mark.parametrize("build", [x_about, mastodon_about])
def test_every_string_of_a_record_is_a_closed_word_or_a_day(
    build: Callable[[Callable[[str], str]], bytes],
) -> None:
    data = json.loads(record_text(build(canary)))

    assert all(CLOSED.fullmatch(text) or DATED.fullmatch(text) for text in strings_in(data))


@pytest.mark.parametrize(
    "row",
    [
        {"full_text": canary("text"), "created_at": canary("day")},
        {"full_text": canary("text"), "favorite_count": canary("count")},
        {"full_text": canary("text"), "id_str": canary("id")},
        {"full_text": canary("text"), "edit_info": {"initial": {"editTweetIds": [canary("id")]}}},
    ],
)
def test_a_refusal_shows_nothing_of_the_row_even_in_its_traceback(row: dict[str, Any]) -> None:
    archive = zip_of({"data/tweets.js": x_file("tweets", [tweet(**row)])})

    with pytest.raises(DomainError) as refused:
        read_archive(io.BytesIO(archive))

    shown = "".join(traceback.format_exception(refused.value)) + repr(refused.value.facts)
    assert "CANARY" not in shown


SENSITIVE = ("#myfaith", "#chemotherapy", "#votefor", "#pride", "#union", "#arrested")


def x_with(words: str, tags: tuple[str, ...]) -> bytes:
    """Two posts with these words and hashtags, and a file of inferred interests."""
    entities = {"hashtags": [{"text": tag} for tag in tags], "symbols": [{"text": tag} for tag in tags]}
    rows = [tweet(number, full_text=words, entities=entities) for number in (1, 2)]
    inferred = [{"p13nData": {"interests": [{"name": tag} for tag in tags]}}]
    return zip_of(
        {
            "data/tweets.js": x_file("tweets", wrapped(rows)),
            "data/personalization.js": x_file("personalization", inferred),
        }
    )


def mastodon_with(words: str, tags: tuple[str, ...]) -> bytes:
    """A post with these words, hashtags and a content warning."""
    named = [{"type": "Hashtag", "name": tag} for tag in tags]
    post = create(
        note_content=words, note_tag=named, note_summary=words, note_sensitive=bool(tags), **received(1, 1)
    )
    return tar_of({"outbox.json": outbox([post])})


@pytest.mark.parametrize("build", [x_with, mastodon_with])
def test_posts_with_sensitive_hashtags_give_byte_identical_features(
    build: Callable[[str, tuple[str, ...]], bytes],
) -> None:
    plain = record_text(build("a walk in the rain", ()))

    assert record_text(build(" ".join(SENSITIVE), SENSITIVE)) == plain
