"""Human review: by a reviewer and nobody else, with reasons, and never to the person's cost."""

from datetime import timedelta

import pytest

from app.jobs import JobKind, enqueue
from app.staff import StaffRole
from app.web import create_app
from explain.report import score_report
from rights.errors import ReasonsMissing, ReviewerNeeded
from rights.request import Channel, RequestState, lines_of, require_request
from rights.review import KEPT, Finding, contest, decide, review_figures
from rights.transparency import transparency
from sources.activity import Metric, Platform
from sources.figure import Figure
from tests.app.api.speaking import Api
from tests.app.pages.browsing import Browser
from tests.app.pages.test_limiting import on_duty
from tests.people import give_consent, import_archive, new_person, work, x_zip

FOLLOWERS = Figure(Platform.X, Metric.FOLLOWERS)


@pytest.fixture
def person(house):
    person = new_person(house)
    give_consent(house, person)
    import_archive(house, person, Platform.X, x_zip())
    return person


def ask(house, person):
    with house.open_vault("subject") as vault:
        return contest(vault, person.subject_id, "too low", Channel.PAGE).reference


def score(house, person):
    with house.open_reading_vault() as vault:
        report = score_report(vault, person.subject_id)
    assert report is not None
    return report.result.score


@pytest.mark.parametrize("value", [0, 3, 12, 500, 9_000_000])
def test_whatever_a_reviewer_finds_the_score_never_falls_by_it(house, person, value):
    before, reference = score(house, person), ask(house, person)

    with house.open_vault("reviewer", "rita") as vault:
        request = require_request(vault, person.subject_id, reference)
        is_changed = decide(vault, request, "I counted again.", Finding(FOLLOWERS, value))
        enqueue(vault, person.subject_id, JobKind.SCORE)
    work(house)

    assert score(house, person) >= before
    assert is_changed == (value >= 12)
    with house.open_reading_vault() as vault:
        request = require_request(vault, person.subject_id, reference)
        assert request.state is RequestState.FULFILLED
        assert (KEPT in lines_of(vault, request)[-1].text) == (value < 12)


@pytest.mark.parametrize("actor", ["staff", "operator", "worker", "subject"])
def test_nobody_but_a_reviewer_answers_and_not_without_reasons(sqlite_house, actor):
    person = new_person(sqlite_house)
    reference = ask(sqlite_house, person)

    with sqlite_house.open_vault(actor, "mona") as vault, pytest.raises(ReviewerNeeded):
        decide(vault, require_request(vault, person.subject_id, reference), "It is right.")
    with sqlite_house.open_vault("reviewer", "rita") as vault, pytest.raises(ReasonsMissing):
        decide(vault, require_request(vault, person.subject_id, reference), " ")


def test_figures_are_told_from_ten_people_on(sqlite_house, clock):
    for number in range(10):
        person = new_person(sqlite_house, f"p{number}@example.org")
        reference = ask(sqlite_house, person)
        with sqlite_house.open_reading_vault("system") as vault:
            assert review_figures(vault) is None
        clock.advance(timedelta(days=2))
        with sqlite_house.open_vault("reviewer", "rita") as vault:
            decide(vault, require_request(vault, person.subject_id, reference), "It is right.")

    with sqlite_house.open_reading_vault("system") as vault:
        figures = review_figures(vault)
        published = transparency(vault).reviews
    assert figures is not None
    assert published == figures
    assert vars(figures) == {"reviews": 10, "changed_percent": 0, "refused_percent": 0, "median_days": 2}
    browser = Browser(create_app(sqlite_house))
    assert "Answered" in browser.open("/transparency").text
    assert browser.client.get("/api/v1/transparency").get_json()["reviews"] == vars(figures)


def test_a_review_is_asked_for_on_a_page_and_answered_in_the_reviewers_room(sqlite_house):
    app, person = create_app(sqlite_house), new_person(sqlite_house)
    give_consent(sqlite_house, person)
    import_archive(sqlite_house, person, Platform.X, x_zip())
    browser = Browser(app)
    browser.sign_in(person)
    page = browser.open("/rights/review")
    reference = browser.send(page.form("/rights/review"), statement="too low").path.rpartition("/")[2]

    rita = on_duty(sqlite_house, app, "rita", StaffRole.REVIEWER)
    opened = rita.open(f"/staff/reviews/{reference}")
    rita.send(opened.form(f"/staff/reviews/{reference}"), reasons="It is right: see above.")

    assert "too low" in opened.text
    assert "It is right" in browser.open(f"/rights/requests/{reference}").text
    api = Api(app)
    api.sign_in(person.address)
    assert api("POST", "/rights/reviews", {"statement": "still"}).status_code == 201
    for role, alias in ((StaffRole.MODEL, "mona"), (StaffRole.PRIVACY, "anna")):
        assert on_duty(sqlite_house, app, alias, role).open("/staff/reviews").status == 403
