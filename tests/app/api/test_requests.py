"""Requests about one's rights by the API."""

import pytest

from app.answering import act
from app.jobs import JobKind
from app.staff import OnDuty, StaffRole
from app.web import create_app
from rights.answering import answer
from rights.request import (
    OPEN,
    STEPS,
    Channel,
    Item,
    ItemOutcome,
    RequestState,
    Right,
    move,
    open_request,
)
from tests.app.api.speaking import Api
from tests.app.pages.browsing import Browser
from tests.people import new_person

ASKED = {"right": "access", "words": "Everything, please."}


def test_a_request_is_made_replied_to_answered_and_names_the_authority(house):
    app = create_app(house)
    api = Api(app)
    person = new_person(house, "grace@example.org")
    api.sign_in(person.address)

    made = api("POST", "/requests", ASKED)
    path = f"/requests/{made.json['reference']}"
    assert (made.status_code, made.json["due_on"], made.json["channel"]) == (201, "2026-12-21", "api")
    assert api("POST", f"{path}/replies", {"words": "And the log."}).status_code == 200
    anna = OnDuty("anna", StaffRole.PRIVACY, person.subject_id, True)
    items = [Item("everything", ItemOutcome.DONE)]
    act(
        house,
        anna,
        made.json["reference"],
        lambda vault, request: answer(vault, request, items, "Here it is."),
        JobKind.MAIL_REQUEST_ANSWERED,
    )

    closed = api("GET", path).json
    assert (closed["state"], closed["is_free"]) == ("fulfilled", True)
    assert closed["authority"]["url"].startswith("https://")
    assert [line["text"] for line in closed["lines"]] == [ASKED["words"], "And the log.", "Here it is."]
    assert api("POST", f"{path}/withdrawal").json["type"] == "/problems/request-state-wrong"
    assert [one["reference"] for one in api("GET", "/requests").json["requests"]] == [closed["reference"]]


def test_a_request_is_taken_back_and_somebody_elses_is_unknown(house):
    app = create_app(house)
    api, other = Api(app), Api(app)
    api.sign_in(new_person(house, "grace@example.org").address)
    other.sign_in(new_person(house, "hal@example.org").address)
    path = f"/requests/{api('POST', '/requests', ASKED).json['reference']}"

    assert other("GET", path).status_code == 404
    assert other("POST", f"{path}/withdrawal").status_code == 404
    assert api("POST", f"{path}/withdrawal").json["state"] == "withdrawn"
    assert Api(app)("GET", "/requests").status_code == 401
    assert api("POST", "/requests", {"right": "access", "words": ""}).status_code == 422


CLOSED = [state for state in RequestState if state not in OPEN]


@pytest.mark.parametrize("state", CLOSED)
def test_every_closed_request_names_the_authority_and_where_to_find_it(sqlite_house, state):
    person, app = new_person(sqlite_house, "grace@example.org"), create_app(sqlite_house)
    with sqlite_house.open_vault("subject") as vault:
        request = open_request(vault, person.subject_id, Right.ACCESS, Channel.PAGE, "Everything, please.")
        request.state = next(before for before, after in STEPS.items() if state in after)
        move(vault, request, state)
        reference = request.reference
    api, browser = Api(app), Browser(app)
    api.sign_in(person.address)
    browser.sign_in(person)

    told, page = api("GET", f"/requests/{reference}").json, browser.open(f"/rights/requests/{reference}").text

    authority = sqlite_house.config.controller.authority
    assert told["state"] == state
    assert told["authority"] == {"name": authority.name, "url": authority.url}
    assert authority.name in page
    assert authority.url in page
