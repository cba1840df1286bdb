"""The copy by API: password, status, one download for the token that asked."""

import zipfile
from io import BytesIO

import pytest

from app.transaction import House
from tests.app.api.speaking import Api
from tests.people import PASSWORD, work


@pytest.mark.parametrize("right", ["access", "portability"])
def test_a_copy_is_asked_for_followed_and_fetched_once(sqlite_house: House, api: Api, right: str) -> None:
    assert api("POST", "/exports", {"password": "wrong password", "right": right}).status_code == 401

    wanted = api("POST", "/exports", {"password": PASSWORD, "right": right})
    work(sqlite_house)

    path = f"/exports/{wanted.json['id']}"
    assert wanted.headers["Location"] == f"/api/v1{path}"
    assert (wanted.json["state"], api("GET", path).json["state"]) == ("queued", "done")
    fetched = api("GET", f"{path}/copy")
    assert fetched.headers["Cache-Control"] == "no-store"
    assert "manifest.sig" in zipfile.ZipFile(BytesIO(fetched.data)).namelist()
    assert api("GET", f"{path}/copy").status_code == 404
    assert api("GET", path).status_code == 404


def test_another_token_of_the_same_person_finds_nothing(sqlite_house: House, api: Api) -> None:
    wanted = api("POST", "/exports", {"password": PASSWORD, "right": "access"})
    work(sqlite_house)
    other = Api(api.app)
    other.sign_in("ada@example.org")

    assert other("GET", f"/exports/{wanted.json['id']}/copy").status_code == 404


def test_no_other_right_is_answered_by_a_copy(api: Api) -> None:
    assert api("POST", "/exports", {"password": PASSWORD, "right": "erasure"}).status_code == 422
