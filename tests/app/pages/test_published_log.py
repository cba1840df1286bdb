"""The log at /log/: the bytes of an export for everybody, kept by caches as long as they may be."""

import gzip
from pathlib import Path
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import security
from app.transaction import House
from app.web import create_app
from audit.entry import Action
from audit.export import write_tiles
from audit.log import append
from audit.stored import StoredLog
from audit.verify import verify_export
from tests.audit.logs import vectors
from tests.people import Person


def fill(house: House, entries: int) -> None:
    with house.open_vault("system") as vault:
        for _ in range(entries):
            append(vault, Action.RETENTION_PURGED)


def exported(house: House, directory: Path) -> dict[str, bytes]:
    """What `klarwert audit export` writes under the last checkpoint."""
    note = house.high_water.read() or ""
    with Session(house.data) as session:
        write_tiles(StoredLog(session), directory, note, house.log_key)
    files = (path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in files}


def get(client: FlaskClient, name: str, **headers: str) -> TestResponse:
    return client.get(
        f"/log/{name}", headers={name.replace("_", "-"): said for name, said in headers.items()}
    )


def test_everybody_reads_the_same_bytes_as_an_export_holds_and_they_verify(
    house: House, tmp_path: Path
) -> None:
    fill(house, 520)
    house.sign_checkpoint()
    client, files = create_app(house).test_client(), exported(house, tmp_path / "export")

    answers = {name: get(client, name) for name in files}

    assert {name: answer.data for name, answer in answers.items()} == files
    assert "tile/entries/002.p/9" in files
    for name, answer in answers.items():
        (tmp_path / "read" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "read" / name).write_bytes(answer.data)
    assert verify_export(tmp_path / "read", vkey=house.log_key).size == 521


def test_tiles_may_be_kept_for_ever_and_the_checkpoint_is_asked_for_anew(app: Flask) -> None:
    client = app.test_client()

    tile, checkpoint = get(client, "tile/0/000.p/1"), get(client, "checkpoint")
    known = get(client, "checkpoint", If_None_Match=str(checkpoint.headers["ETag"]))

    assert tile.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert tile.content_type == "application/octet-stream"
    assert checkpoint.headers["Cache-Control"] == "public, no-cache"
    assert checkpoint.content_type == "text/plain; charset=utf-8"
    assert (known.status_code, known.data, known.headers["ETag"]) == (304, b"", checkpoint.headers["ETag"])


def test_no_cookie_is_set_or_looked_at(app: Flask, ada: Person) -> None:
    answer = app.test_client().get("/log/tile/0/000.p/1?lang=de", headers={"Cookie": "klarwert_session=x"})

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_a_bundle_is_compressed_for_who_reads_gzip_and_the_two_are_told_apart(app: Flask) -> None:
    client = app.test_client()

    plain, squeezed = (get(client, "tile/entries/000.p/1", Accept_Encoding=said) for said in ("", "gzip"))

    assert "Content-Encoding" not in plain.headers
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(squeezed.data) == plain.data
    assert squeezed.headers["ETag"] != plain.headers["ETag"]
    assert plain.headers["Vary"] == squeezed.headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in get(client, "tile/0/000.p/1", Accept_Encoding="gzip").headers


def test_an_entry_that_is_not_signed_yet_is_shown_to_nobody(app: Flask, sqlite_house: House) -> None:
    fill(sqlite_house, 299)
    client, unsigned = (
        app.test_client(),
        ["tile/entries/000", "tile/0/000", "tile/0/000.p/2", "tile/1/000.p/1"],
    )

    before = [get(client, name) for name in unsigned]
    sqlite_house.sign_checkpoint()
    after = [get(client, name).status_code for name in unsigned]

    assert [answer.status_code for answer in before] == [404] * 4
    assert {answer.headers["Cache-Control"] for answer in before} == {"no-store"}
    assert after == [200] * 4
    assert get(client, "tile/entries/001.p/44").status_code == 200
    assert get(client, "tile/entries/001.p/45").status_code == 404


def test_no_path_that_the_specification_refuses_is_answered_with_a_tile(sqlite_house: House) -> None:
    fill(sqlite_house, 600)
    sqlite_house.sign_checkpoint()
    client = create_app(sqlite_house).test_client()
    refused = [path for path in vectors("tile_paths.json")["refused"] if path.startswith("tile/")]

    asked = {path: client.get(f"/log/{quote(path)}", follow_redirects=True) for path in refused}

    assert get(client, "tile/0/000").status_code == get(client, "tile/entries/001").status_code == 200
    assert len(refused) > 60
    assert [path for path, answer in asked.items() if answer.status_code != 404] == []


def test_a_head_request_answers_with_the_length_and_no_body(app: Flask) -> None:
    client = app.test_client()

    answer, whole = client.head("/log/tile/entries/000.p/1"), client.get("/log/tile/entries/000.p/1")

    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(whole.data))


def test_reading_the_log_has_its_limit(sqlite_house: House) -> None:
    client = create_app(sqlite_house).test_client()
    (limit,) = security.LOG_READS

    codes = [get(client, "log.vkey").status_code for _ in range(limit.amount + 1)]

    assert set(codes[:-1]) == {200}
    assert codes[-1] == 429
    assert client.get("/").status_code == 200
