"""The copy: whole by what tables declare, in the declared forms, of nobody but the person, and readable."""

import io
import json
import re
import xml.etree.ElementTree as ET
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from pyld import jsonld
from sqlalchemy import Boolean, Enum, Integer, LargeBinary, Uuid, inspect, select

import app.tables
from app.sessions import SessionKind, begin_session
from app.transaction import House
from consent.disclosure import disclose
from consent.limits import Ground, LimitKind, limit
from consent.purpose import Basis
from consent.recipient import require_recipient
from explain.wording import Language
from model.research import ResearchBuild
from model.score import Score
from perks.claim import claim
from perks.post import submit_post
from perks.webhook import CHOSEN_FROM, add_webhook
from rights.package.copying import WORDS
from rights.package.rows import columns_of, copied_tables, place_of
from rights.rectification import accept, dispute
from rights.request import Channel, Right, open_request
from sources.activity import Metric, Platform
from sources.figure import Figure
from sources.package import find_package
from tests.people import Person, give_consent, import_archive, mastodon_zip, new_person, x_zip
from tests.perks.offering import new_brand
from tests.perks.taking_part import GOOD_POST, agree_to_match, agreed, an_offer, fresh_zip
from tests.profiles import show_name
from tests.rights.copying import copy_of, lines, opened
from tests.sharing import BRAND, SHARE, VALUES, agree_to_share
from tests.sources.test_third_persons import canary, disguises, mastodon_about, x_about
from vault.base import Base, Instant
from vault.holdings import holding_of, key_tables

assert app.tables.MODULES
SAID = "the second week is wrong"


def everything_about(house: House) -> Person:
    """Somebody with at least a row in every table about people."""
    person = new_person(house, language="de")
    give_consent(house, person)
    import_archive(house, person, Platform.X, fresh_zip())
    agree_to_match(house, person.subject_id)
    brand = new_brand(house)
    with house.open_vault("recipient") as vault:  # what a message points at
        add_webhook(vault, brand, "https://rosengarten.example/hooks", CHOSEN_FROM)
    offer = an_offer(house, brand)
    agreed(house, person.subject_id, offer)
    with house.open_vault("subject") as vault:
        claim(vault, person.subject_id, offer)
        submit_post(vault, person.subject_id, offer, GOOD_POST)
    give_consent(house, person, Platform.MASTODON)
    import_archive(house, person, Platform.MASTODON, mastodon_zip())
    agree_to_share(house, person.subject_id)
    show_name(house, person, "Countess of Numbers")
    with house.open_vault("recipient") as vault:
        disclose(vault, person.subject_id, require_recipient(vault, BRAND), SHARE, VALUES)
    with house.open_vault("subject") as vault:
        begin_session(vault, person.subject_id, SessionKind.PAGE)
        open_request(vault, person.subject_id, Right.RECTIFICATION, Channel.PAGE, SAID)
        figure = Figure(Platform.X, Metric.FOLLOWERS)
        disputed = dispute(vault, person.subject_id, figure, 90, SAID, Channel.PAGE)
        accept(vault, disputed)
        limit(vault, person.subject_id, LimitKind.RESTRICTED, Ground.ACCURACY_CONTESTED)
    with house.open_vault("system") as vault:  # what a use points at
        vault.session.add(ResearchBuild(line="card", built_at=vault.now(), people=10, digest="0" * 64))
    for table in copied_tables():
        fill_if_empty(house, person.subject_id, table)
    return person


def fill_if_empty(house: House, subject_id: UUID, table: type[Base]) -> None:
    """A row of values by their types, where no way of the program was gone above; sealed ones need a way."""
    owner = getattr(table, str(holding_of(table).subject_column))
    with house.open_vault("system") as vault:
        if vault.session.scalars(select(table).where(owner == subject_id)).first() is not None:
            return
        columns = inspect(table).columns
        sealed = {column.key for column in columns if isinstance(column.type, LargeBinary)}
        assert not sealed & holding_of(table).personal.keys(), f"seed {table.__tablename__} above"
        values = {column.key: any_value(column.type, vault.now()) for column in columns}
        for column in columns:
            for points_at in column.foreign_keys:
                values[column.key] = vault.session.scalar(select(points_at.column).limit(1))
        vault.session.add(table(**{**values, owner.key: subject_id}))


def any_value(kind: Any, now: datetime) -> Any:
    if isinstance(kind, Instant):
        return now
    if isinstance(kind, Uuid):
        return uuid4()
    if isinstance(kind, Enum):
        return kind.python_type(kind.enums[0])
    if isinstance(kind, LargeBinary):
        return b"1"
    return 1 if isinstance(kind, Integer | Boolean) else "1"


def schema_errors(schema: dict[str, Any], value: Any) -> list[str]:
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    return [error.message for error in validator.iter_errors(value)]


def test_every_column_declared_personal_is_in_the_copy_and_every_file_follows_its_schema(house):
    person = everything_about(house)

    made = copy_of(house, person)
    files = opened(made)

    taken_elsewhere = find_package(io.BytesIO(made))
    assert taken_elsewhere is not None
    assert taken_elsewhere.verify().key == house.receipts.verifier_key()
    for table in copied_tables():
        rows = lines(files[place_of(table)])
        expected = holding_of(table).personal.keys() - holding_of(table).left_out.keys()
        assert rows, table.__tablename__
        assert all(row.keys() == expected for row in rows), table.__tablename__
        opened_columns = holding_of(table).opened_by
        assert all(row[name] is not None for row in rows for name in opened_columns), table.__tablename__
    for listed in json.loads(files["manifest.json"])["files"]:
        content = files[listed["path"]]
        if listed["media_type"] in ("application/json", "application/jsonl"):
            schema = json.loads(files[listed["schema"]])
            values = lines(content) if listed["path"].endswith("l") else [json.loads(content)]
            assert not [error for value in values for error in schema_errors(schema, value)], listed["path"]
    assert not schema_errors(
        json.loads(files["schemas/manifest.schema.json"]), json.loads(files["manifest.json"])
    )
    text = b"".join(files.values())
    for said in (person.address, SAID, "@lovelace-handle", "Rosengarten GmbH", "Countess of Numbers"):
        assert said.encode() in text
    assert b"$argon2" not in text
    left_out = {(one["table"], one["what"]) for one in json.loads(files["not-included.json"])}
    assert ("subject", "account.credential") in left_out
    for key_table in key_tables():  # the key store: what is no key is in the copy, what is one is not
        for name in holding_of(key_table).personal:
            is_out = (key_table.__tablename__, name) in left_out
            assert is_out or name in {column.key for column in columns_of(key_table)}
    assert {line["scope"] for line in lines(files["data/keys.jsonl"])} >= {"account", "score.compute/x"}


def test_what_the_law_wants_told_is_there_with_every_basis_and_the_authority(sqlite_house, person):
    files = opened(copy_of(sqlite_house, person))

    context = json.loads(files["context.json"])
    articles = " ".join(part["article"] for part in context.values())
    assert all(f"({letter})" in articles for letter in "abcdefgh")
    assert "15(2)" in articles
    assert {one["basis"] for one in context["data"]["files"]} <= {basis.value for basis in Basis}
    assert {one["file"] for one in context["data"]["files"]} == {place_of(one) for one in copied_tables()}
    assert context["complaint"]["url"].startswith("https://")
    assert context["complaint"]["url"] in files["README.txt"].decode()
    assert {"perks/profile.jsonl", "perks/participations.jsonl", "perks/claims.jsonl"} <= files.keys()


def test_the_activity_is_activity_streams_to_others_too(sqlite_house):
    person = everything_about(sqlite_house)

    files = opened(copy_of(sqlite_house, person))

    actor, outbox = (json.loads(files[f"portability/{name}.json"]) for name in ("actor", "outbox"))
    # Imported here: it takes more than a second, in every process that collects the tests.
    from apmodel._core._jsonjd.loader import create_document_loader
    from apmodel.core.collection import OrderedCollection
    from apmodel.loader import load
    from apmodel.vocab.actor import Person as AsPerson

    read_actor, read_outbox = load(actor), load(outbox)
    assert isinstance(read_actor, AsPerson)
    assert isinstance(read_outbox, OrderedCollection)
    assert read_outbox.total_items == len(outbox["orderedItems"]) == 2
    (expanded,) = jsonld.expand(outbox, {"documentLoader": create_document_loader()})
    (items,) = expanded["https://www.w3.org/ns/activitystreams#items"]
    assert {item["@type"][0] for item in items["@list"]} == {"https://www.w3.org/ns/activitystreams#Create"}
    lost = [key for item in outbox["orderedItems"] for key in item["object"] if key not in json.dumps(items)]
    assert not lost  # no member fell out of the vocabulary when it was expanded
    assert "score" not in json.dumps(outbox)


def json_in(name: str, files: dict[str, bytes]) -> list[bytes]:
    return files[name].splitlines() if name.endswith("l") else [files[name]]


def keys_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for inner in value.values() for key in keys_in(inner)}
    return {key for inner in value for key in keys_in(inner)} if isinstance(value, list) else set()


def test_every_stored_figure_says_its_source_and_what_was_derived_stands_apart(sqlite_house, person):
    give_consent(sqlite_house, person)
    import_archive(sqlite_house, person, Platform.X, x_zip())

    files = opened(copy_of(sqlite_house, person))

    manifest = json.loads(files["manifest.json"])["files"]
    assert all(one["source"].strip() for one in manifest)
    (records,) = [one for one in manifest if one["path"].startswith("data/records/")]
    assert records["source"] == "the archive the person brought"
    explained = [json.loads(files[name]) for name in files if re.match(r"derived/explanations/.*json", name)]
    assert explained
    figures = [figure for one in explained for row in one["inputs"] for figure in row["networks"]]
    assert {(one["platform"], one["source"]) for one in figures} == {("x", "archive")}
    assert all(one["as_of"] for one in figures)
    brought = [name for name in files if name.startswith(("data/records/", "portability/"))]
    for name in brought:
        assert not {"score", "points", "exact", "band"} & keys_in(
            [json.loads(one) for one in json_in(name, files)]
        )
    assert place_of(Score).startswith("derived/")


@pytest.mark.parametrize("build", [x_about, mastodon_about])
def test_no_third_person_of_an_archive_is_in_the_copy(sqlite_house, build):
    asked: list[str] = []
    platform = Platform.X if build is x_about else Platform.MASTODON
    person = new_person(sqlite_house)
    give_consent(sqlite_house, person, platform)

    def other(field: str) -> str:
        asked.append(field)
        return canary(field)

    import_archive(sqlite_house, person, platform, build(other))
    text = b"\n".join(opened(copy_of(sqlite_house, person)).values()).decode()

    assert '"weeks_seen"' in text
    assert asked
    assert not [found for field in asked for found in disguises(canary(field)) if found in text]


def test_pages_load_nothing_run_nothing_and_link_to_what_is_there(sqlite_house):
    person = everything_about(sqlite_house)

    files = opened(copy_of(sqlite_house, person))

    pages = {name: text.decode() for name, text in files.items() if name.endswith(".html")}
    assert 'lang="de"' in pages["index.html"]
    for page in pages.values():
        assert not re.search(r"<script|<img|<link|<iframe|url\(|https?:[^<]*['\"]>|\bon[a-z]+=", page)
    linked = set(re.findall(r'href="([^"]+)"', pages["index.html"]))
    assert linked - files.keys() == set()
    assert {name for name in files if name.startswith(("data/", "derived/", "consents/"))} <= linked
    body = pages["index.html"].partition("<body>")[2].partition("</body>")[0]
    assert len(ET.fromstring(f"<body>{body}</body>").findall(".//h1")) == 1


def test_what_a_withdrawn_consent_sealed_is_gone_from_the_copy_and_the_rest_is_there(sqlite_house, person):
    give_consent(sqlite_house, person)
    import_archive(sqlite_house, person, Platform.X, x_zip())
    sqlite_house.keystore.destroy_dek(person.subject_id, "score.compute/x")

    files = opened(copy_of(sqlite_house, person))

    assert lines(files["data/connections.jsonl"])[0]["record"] is None
    assert "data/records/x.jsonl" not in files
    assert lines(files["data/account.jsonl"])[0]["account"]["address"] == person.address


def test_the_words_of_a_copy_are_the_same_in_both_languages():
    assert WORDS.keys(Language.EN) == WORDS.keys(Language.DE)
    for key in WORDS.keys(Language.EN):
        assert WORDS.placeholders(key, Language.EN) == WORDS.placeholders(key, Language.DE), key
