"""The public report: in tens, from ten people on, for everybody, in both languages and for programs."""

from datetime import timedelta

import pytest

from app.web import create_app
from consent.purpose import Purpose
from rights.request import Channel, RequestState, Right, move, open_request
from rights.transparency import in_tens, transparency
from tests.app.pages.browsing import Browser
from tests.app.releasing_people import scored_people


@pytest.mark.parametrize(("count", "said"), [(0, None), (9, None), (10, 10), (19, 10), (20, 20), (105, 100)])
def test_a_count_is_in_tens_and_nothing_is_said_below_ten(count, said):
    assert in_tens(count) == said


def test_the_report_counts_people_and_answers_and_says_nothing_of_few(house, clock):
    people = scored_people(house, 12)
    with house.open_vault("subject") as vault:
        asked = [open_request(vault, person, Right.ACCESS, Channel.PAGE) for person in people]
        open_request(vault, people[0], Right.ERASURE, Channel.PAGE)
        clock.advance(timedelta(days=3))
        for request in asked:
            move(vault, request, RequestState.FULFILLED)

    with house.open_reading_vault("system") as vault:
        figures = transparency(vault)

    assert figures.people == 10
    assert figures.consenting == {Purpose.SCORE_COMPUTE: 10}
    access, erasure = figures.requests[Right.ACCESS], figures.requests[Right.ERASURE]
    assert (access.received, access.fulfilled, access.refused, access.median_days) == (10, 10, None, 3)
    assert (erasure.received, erasure.median_days) == (None, None)


@pytest.mark.parametrize(("language", "few"), [("en", "fewer than ten"), ("de", "weniger als zehn")])
def test_anybody_may_read_it(sqlite_house, language, few):
    browser = Browser(create_app(sqlite_house))

    page = browser.open(f"/transparency?lang={language}")
    answer = browser.client.get("/api/v1/transparency").get_json()

    assert few in page.text
    assert answer["people"] is None
    assert {one["right"] for one in answer["requests"]} == set(Right)
