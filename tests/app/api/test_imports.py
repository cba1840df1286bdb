"""Bringing an archive by JSON's side door: raw, in chunks or as a form part, always sealed at once."""

import http.client
import threading
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.serving import make_server

from app.transaction import House
from app.web import create_app
from sources.activity import Platform
from sources.readers import READABLE
from tests.app.api.speaking import Api
from tests.making import create, outbox, tweet, x_archive
from tests.people import new_person, work

ARCHIVE = x_archive([tweet(number) for number in range(1, 30)])


@pytest.fixture
def consenting(api: Api) -> Api:
    for platform in READABLE:
        api.decide(platform, "given", 0)
    return api


@pytest.mark.parametrize(
    "media_type",
    ["application/zip", "application/octet-stream", "application/gzip", "application/zip; charset=binary"],
)
def test_an_archive_is_accepted_and_then_read(sqlite_house: House, consenting: Api, media_type: str) -> None:
    accepted = consenting.bring(Platform.X, ARCHIVE, media_type)
    work(sqlite_house)

    path = f"/imports/{accepted.json['id']}"
    assert accepted.headers["Location"] == f"/api/v1{path}"
    assert (accepted.json["state"], accepted.json["bytes_total"]) == ("queued", len(ARCHIVE))
    assert consenting("GET", path).json["state"] == "done"
    assert consenting("GET", "/imports").json["imports"] == [consenting("GET", path).json]


def test_a_bare_outbox_is_an_archive_too(sqlite_house: House, consenting: Api) -> None:
    accepted = consenting.bring(Platform.MASTODON, outbox([create()]), "application/json; charset=utf-8")
    work(sqlite_house)

    assert consenting("GET", f"/imports/{accepted.json['id']}").json["state"] == "done"


def test_an_archive_may_come_as_a_form_part(sqlite_house: House, consenting: Api) -> None:
    accepted = consenting("POST", "/imports/x", data={"archive": (BytesIO(ARCHIVE), "archive.zip")})
    work(sqlite_house)

    assert accepted.json["bytes_total"] == len(ARCHIVE)
    assert consenting("GET", f"/imports/{accepted.json['id']}").json["state"] == "done"


@pytest.mark.parametrize(
    "form",
    [
        {"other": (BytesIO(ARCHIVE), "archive.zip")},
        {"archive": (BytesIO(ARCHIVE), "archive.zip"), "note": "hello"},
        {"archive": "not a file"},
    ],
)
def test_a_form_with_anything_else_is_refused_and_leaves_nothing(
    sqlite_house: House, consenting: Api, form: dict[str, object]
) -> None:
    answer = consenting("POST", "/imports/x", data=form, content_type="multipart/form-data")

    assert answer.status_code == 422
    assert is_spool_empty(sqlite_house)


def test_two_files_are_refused_and_leave_nothing(sqlite_house: House, consenting: Api) -> None:
    twice = {"archive": [(BytesIO(ARCHIVE), "1.zip"), (BytesIO(ARCHIVE), "2.zip")]}

    answer = consenting("POST", "/imports/x", data=twice, content_type="multipart/form-data")

    assert answer.status_code == 400
    assert is_spool_empty(sqlite_house)


def test_why_an_archive_was_refused_is_said_by_slug_and_facts(sqlite_house: House, consenting: Api) -> None:
    accepted = consenting.bring(Platform.X, b"no archive at all")
    work(sqlite_house)

    failed = consenting("GET", f"/imports/{accepted.json['id']}").json
    assert (failed["state"], failed["problem"], failed["facts"]["reason"]) == (
        "failed",
        "archive-unreadable",
        "type",
    )
    assert failed["detail"]


def test_nothing_is_taken_without_consent(sqlite_house: House, api: Api) -> None:
    answer = api.bring(Platform.X, ARCHIVE)

    assert answer.json["type"] == "/problems/consent-missing"
    assert answer.json["scope"] == "score.compute/x"
    assert is_spool_empty(sqlite_house)


def test_an_empty_body_is_refused(sqlite_house: House, consenting: Api) -> None:
    assert consenting.bring(Platform.X, b"").json["type"] == "/problems/upload-empty"
    assert is_spool_empty(sqlite_house)


def test_one_import_of_a_platform_at_a_time(consenting: Api) -> None:
    consenting.bring(Platform.X, ARCHIVE)

    assert consenting.bring(Platform.X, ARCHIVE).json["type"] == "/problems/import-running"


def test_a_body_that_is_no_archive_is_refused_by_its_media_type(consenting: Api) -> None:
    answer = consenting.bring(Platform.X, b"a=1", "application/x-www-form-urlencoded")

    assert answer.status_code == 415
    assert "application/zip" in answer.json["accepted"]


def test_an_unknown_platform_is_not_found(consenting: Api) -> None:
    answer = consenting("POST", "/imports/elsewhere", data=ARCHIVE, content_type="application/zip")

    assert answer.status_code == 404


def test_more_than_the_limit_is_refused_and_leaves_nothing(sqlite_house: House) -> None:
    new_person(sqlite_house)
    small = replace(sqlite_house, config=replace(sqlite_house.config, max_upload_bytes=len(ARCHIVE) - 1))
    api = Api(create_app(small))
    api.sign_in("ada@example.org")
    api.decide(Platform.X, "given", 0)

    by_length = api.bring(Platform.X, ARCHIVE)
    as_form = api("POST", "/imports/x", data={"archive": (BytesIO(ARCHIVE), "archive.zip")})

    assert (by_length.status_code, as_form.status_code) == (413, 413)
    assert is_spool_empty(sqlite_house)


@pytest.mark.parametrize(
    "server", [{"wsgi.input_terminated": True}, {}], ids=["which ends bodies itself", "which does not"]
)
def test_a_body_cut_off_is_refused_and_leaves_nothing(
    sqlite_house: House, consenting: Api, server: dict[str, object]
) -> None:
    announced = {"CONTENT_LENGTH": str(len(ARCHIVE))}

    answer = consenting(
        "POST",
        "/imports/x",
        input_stream=BytesIO(ARCHIVE[:100]),
        content_type="application/zip",
        environ_overrides=announced | server,
    )

    assert answer.json["type"] == "/problems/bad-request"
    assert is_spool_empty(sqlite_house)


def test_somebody_elses_import_is_not_found(sqlite_house: House, consenting: Api) -> None:
    theirs = consenting.bring(Platform.X, ARCHIVE).json["id"]
    new_person(sqlite_house, "eve@example.org")
    eve = Api(consenting.app)
    eve.sign_in("eve@example.org")

    answer = eve("GET", f"/imports/{theirs}")

    assert answer.status_code == 404
    assert answer.data == eve("GET", f"/imports/{uuid4()}").data
    assert eve("GET", "/imports").json == {"imports": []}


def test_a_body_may_come_in_chunks(sqlite_house: House, consenting: Api, port: int) -> None:
    client = http.client.HTTPConnection("127.0.0.1", port)
    pieces = (ARCHIVE[start : start + 500] for start in range(0, len(ARCHIVE), 500))
    headers = {"Authorization": f"Bearer {consenting.token}", "Content-Type": "application/zip"}

    client.request("POST", "/api/v1/imports/x", pieces, headers, encode_chunked=True)

    assert client.getresponse().status == 202
    client.close()
    assert consenting("GET", "/imports").json["imports"][0]["bytes_total"] == len(ARCHIVE)


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    """The application behind a real socket."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def is_spool_empty(house: House) -> bool:
    return not list(house.config.spool.iterdir())
