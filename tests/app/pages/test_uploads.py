"""An upload goes sealed into the spool or nowhere; whatever is refused leaves nothing."""

import io
import os
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.imports import imports
from app.transaction import House
from app.web import create_app
from tests.app.pages.browsing import Browser
from tests.people import Person, withdraw_consent, x_zip

LARGE = 3 * 1024 * 1024  # Werkzeug by itself begins a temporary file at 500 kB


class Watched(io.RawIOBase):
    """A body that notes, whenever it is read, which files lie in the temporary directory."""

    def __init__(self, body: bytes, directory: Path) -> None:
        self._body = io.BytesIO(body)
        self._directory = directory
        self.seen: set[str] = set()
        self.read_bytes = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._body.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._body.seek(offset, whence)

    def readinto(self, buffer: Any) -> int:
        self.seen |= {path.name for path in self._directory.iterdir()} | deleted_files(self._directory)
        count = self._body.readinto(buffer)
        self.read_bytes += count
        return count


def deleted_files(directory: Path) -> set[str]:
    """Files this process holds open in a directory though they have no name, as temporary files do."""
    names = set()
    for link in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            names.add(str(link.readlink()))
    return {name for name in names if name.startswith(str(directory)) and name.endswith("(deleted)")}


def multipart(token: str, *files: tuple[str, bytes], **others: str) -> tuple[bytes, str]:
    """A multipart body as a browser makes it."""
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in {"csrf_token": token, **others}.items()
    ]
    parts += [
        f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="a.zip"\r\n'
        f"Content-Type: application/zip\r\n\r\n".encode()
        + body
        + b"\r\n"
        for name, body in files
    ]
    return b"".join(parts) + b"--b--\r\n", "multipart/form-data; boundary=b"


@pytest.fixture
def signed_in(browser: Browser, ada_consenting: Person) -> Browser:
    browser.sign_in(ada_consenting)
    return browser


def token_of(browser: Browser) -> str:
    return browser.open("/imports").form("/imports/x").fields["csrf_token"]


def nothing_remains(house: House, person: Person) -> bool:
    return not imports(house, person.subject_id) and not list(house.config.spool.iterdir())


def test_an_upload_never_touches_the_temporary_directory(
    signed_in: Browser, sqlite_house: House, ada: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "temporary"
    directory.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(directory))
    body, kind = multipart(token_of(signed_in), ("archive", b"PK" + os.urandom(LARGE)))
    watched = Watched(body, directory)

    answer = signed_in.client.post(
        "/imports/x", input_stream=watched, content_type=kind, content_length=len(body)
    )

    assert answer.status_code == 303
    assert watched.read_bytes == len(body)
    assert watched.seen == set()
    assert [job.bytes_total for job in imports(sqlite_house, ada.subject_id)] == [LARGE + 2]


def test_the_spool_never_holds_the_upload_in_clear(signed_in: Browser, sqlite_house: House) -> None:
    body, kind = multipart(token_of(signed_in), ("archive", b"CANARY" * 100_000))

    signed_in.client.post("/imports/x", data=body, content_type=kind)

    (spooled,) = sqlite_house.config.spool.iterdir()
    assert b"CANARY" not in spooled.read_bytes()


def test_without_consent_not_a_byte_of_the_body_is_read(
    signed_in: Browser, sqlite_house: House, ada: Person, tmp_path: Path
) -> None:
    body, kind = multipart(token_of(signed_in), ("archive", x_zip()))
    withdraw_consent(sqlite_house, ada)
    watched = Watched(body, tmp_path)

    answer = signed_in.client.post(
        "/imports/x", input_stream=watched, content_type=kind, content_length=len(body)
    )

    assert answer.status_code == 403
    assert watched.read_bytes == 0


def test_without_a_sign_in_not_a_byte_of_the_body_is_read(
    app: Flask, sqlite_house: House, tmp_path: Path
) -> None:
    body, kind = multipart("", ("archive", x_zip()))
    watched = Watched(body, tmp_path)

    answer = app.test_client().post(
        "/imports/x", input_stream=watched, content_type=kind, content_length=len(body)
    )

    assert answer.status_code == 303
    assert watched.read_bytes == 0


def test_from_another_site_not_a_byte_of_the_body_is_read(signed_in: Browser, tmp_path: Path) -> None:
    body, kind = multipart(token_of(signed_in), ("archive", x_zip()))
    watched = Watched(body, tmp_path)

    answer = signed_in.client.post(
        "/imports/x",
        input_stream=watched,
        content_type=kind,
        content_length=len(body),
        headers={"Sec-Fetch-Site": "cross-site"},
    )

    assert answer.status_code == 400
    assert watched.read_bytes == 0


@pytest.mark.parametrize(
    ("files", "others", "status"),
    [
        ([("archive", b"one"), ("archive", b"two")], {}, 400),
        ([("archive", b"one"), ("other", b"two")], {}, 400),
        ([("other", b"one")], {}, 422),
        ([("archive", b"one")], {"comment": "hello"}, 422),
        ([("archive", b"")], {}, 422),
        ([], {}, 422),
    ],
    ids=["two files", "a second field", "another name", "an unknown field", "an empty file", "no file"],
)
def test_what_is_not_exactly_one_archive_is_refused_and_leaves_nothing(
    signed_in: Browser,
    sqlite_house: House,
    ada: Person,
    files: list[tuple[str, bytes]],
    others: dict[str, str],
    status: int,
) -> None:
    body, kind = multipart(token_of(signed_in), *files, **others)

    answer = signed_in.client.post("/imports/x", data=body, content_type=kind)

    assert answer.status_code == status
    assert nothing_remains(sqlite_house, ada)


def test_an_upload_with_a_wrong_form_token_leaves_nothing(
    signed_in: Browser, sqlite_house: House, ada: Person
) -> None:
    body, kind = multipart("wrong", ("archive", x_zip()))

    answer = signed_in.client.post("/imports/x", data=body, content_type=kind)

    assert answer.status_code == 400
    assert nothing_remains(sqlite_house, ada)


def test_an_upload_that_breaks_off_leaves_nothing(
    signed_in: Browser, sqlite_house: House, ada: Person
) -> None:
    body, kind = multipart(token_of(signed_in), ("archive", b"x" * 400_000))
    cut = io.BytesIO(body[:200_000])

    answer = signed_in.client.post(
        "/imports/x", input_stream=cut, content_type=kind, content_length=len(body)
    )

    assert answer.status_code == 400
    assert nothing_remains(sqlite_house, ada)


def test_an_upload_beyond_the_limit_leaves_nothing(sqlite_house: House, ada_consenting: Person) -> None:
    small = replace(sqlite_house, config=replace(sqlite_house.config, max_upload_bytes=100_000))
    browser = Browser(create_app(small))
    browser.sign_in(ada_consenting)
    body, kind = multipart(token_of(browser), ("archive", b"x" * 200_000))

    answer = browser.client.post("/imports/x", data=body, content_type=kind)

    assert answer.status_code == 413
    assert nothing_remains(small, ada_consenting)


def test_a_file_is_refused_where_none_is_asked_for(browser: Browser) -> None:
    token = browser.open("/join").form("/join").fields["csrf_token"]
    body, kind = multipart(token, ("address", b"x" * 10_000))

    answer = browser.client.post("/join", data=body, content_type=kind)

    assert answer.status_code == 400


def test_a_large_body_is_refused_on_any_other_page(browser: Browser) -> None:
    form = browser.open("/join").form("/join")

    page = browser.send(form, address="a" * 100_000, password="p", age="18-plus")

    assert page.status == 413
