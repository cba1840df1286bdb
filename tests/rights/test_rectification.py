"""A disputed figure: marked at once, corrected with the old value kept, scored anew, or refused in twos."""

import pytest

from app.rectifying import Asked, accept_correction, dispute_figure, find_rectification
from consent.access import accesses
from consent.errors import ConsentMissing
from consent.gate import permits_for_rights
from explain.report import score_explanation, score_history, score_report
from explain.sentences import tell
from explain.wording import Language
from rights.errors import FigureUnchanged, RequestUnknown
from rights.notice import notices_about
from rights.rectification import Standing, disputes
from rights.request import Channel, RequestState, move, require_request
from sources.activity import Metric, Platform
from sources.correction import figure_of, open_corrections, week_of, with_figure
from sources.errors import FigureUnknown
from sources.figure import Figure
from sources.store import open_records
from tests.model.making import record, week
from tests.people import give_consent, import_archive, new_person, withdraw_consent, work, x_zip
from tests.sharing import BRAND, SHARE, VALUES, agree_to_share, hand_over, new_recipient

FOLLOWERS = Figure(Platform.X, Metric.FOLLOWERS)
LIKES = Figure(Platform.X, Metric.LIKES_RECEIVED, week_of("2018-W41"))


@pytest.fixture
def person(house):
    person = new_person(house)
    give_consent(house, person)
    import_archive(house, person, Platform.X, x_zip())
    return person


def dispute(house, person, figure=FOLLOWERS, value=120_000, said="The archive counts one day of 2022 only."):
    return dispute_figure(house, person.subject_id, Asked(figure, value, said), Channel.PAGE)


def accept(house, reference, value=None):
    accept_correction(house, "anna", reference, value, "You are right.")
    work(house)


def standings(house, person):
    with house.open_reading_vault() as vault:
        return [(one.present, one.standing) for one in disputes(vault, person.subject_id)]


def shown(house, person):
    with house.open_reading_vault() as vault:
        report = score_report(vault, person.subject_id)
        about = score_explanation(vault, person.subject_id)
    assert report is not None
    assert about is not None
    return report.result.score, about


def test_an_accepted_dispute_counts_in_a_new_score_and_the_old_value_stays_as_superseded(house, person):
    before, _ = shown(house, person)

    reference = dispute(house, person)
    assert standings(house, person) == [(12, Standing.OPEN)]
    accept(house, reference)

    after, about = shown(house, person)
    assert after > before
    assert standings(house, person) == [(120_000, Standing.ACCEPTED)]
    (corrected,) = about.corrections
    assert (corrected.superseded, corrected.value) == (12, 120_000)
    assert corrected.provenance == "subject-statement"
    assert "120,000 counts instead of 12" in tell(about, Language.EN).corrections[0]
    with house.open_reading_vault() as vault:
        permits = permits_for_rights(vault, person.subject_id)
        assert figure_of(open_records(vault, permits)[Platform.X], FOLLOWERS) == 12
        assert len(score_history(vault, person.subject_id)) == 2
        state = require_request(vault, person.subject_id, reference).state
        looked = {(one.role, one.alias, one.fields) for one in accesses(vault, person.subject_id)}
    assert state is RequestState.FULFILLED
    assert ("staff", "anna", "dispute.content correction.content") in looked


def test_another_value_than_the_asked_one_is_a_part_and_a_new_archive_supersedes_it(house, person):
    reference = dispute(house, person, LIKES, 50)
    accept(house, reference, value=20)
    with house.open_reading_vault() as vault:
        assert require_request(vault, person.subject_id, reference).state is RequestState.PARTLY
    assert standings(house, person) == [(20, Standing.ACCEPTED)]

    import_archive(house, person, Platform.X, x_zip(likes=4))

    assert standings(house, person) == [(8, Standing.ACCEPTED)]
    with house.open_reading_vault() as vault:
        permits = permits_for_rights(vault, person.subject_id)
        assert open_corrections(vault, permits) == ()
        assert len(open_corrections(vault, permits, superseded=True)) == 1


def test_a_refused_dispute_leaves_the_statement_beside_the_figure_and_no_correction(house, person):
    reference = dispute(house, person, said="I had more, says Ada")
    with house.open_vault("staff", "anna") as vault:
        move(vault, require_request(vault, person.subject_id, reference), RequestState.REFUSAL_PROPOSED)
    assert standings(house, person) == [(12, Standing.OPEN)]
    with house.open_vault("staff", "bert") as vault:
        move(vault, require_request(vault, person.subject_id, reference), RequestState.REFUSED)

    with house.open_reading_vault() as vault:
        (declined,) = disputes(vault, person.subject_id)
    assert (declined.standing, declined.statement) == (Standing.DECLINED, "I had more, says Ada")
    assert shown(house, person)[1].corrections == ()


def test_the_same_figure_again_is_the_same_dispute_and_a_wrong_one_is_refused_by_name(house, person):
    assert dispute(house, person) == dispute(house, person, value=130_000)

    with pytest.raises(FigureUnchanged):
        dispute(house, person, LIKES, 6)
    for figure in (
        Figure(Platform.X, Metric.LISTED),  # the archive does not say
        Figure(Platform.X, Metric.LIKES_RECEIVED),  # of a week only
        Figure(Platform.X, Metric.LIKES_RECEIVED, week_of("2020-W01")),
        Figure(Platform.X, Metric.VIEWS_RECEIVED),
    ):
        with pytest.raises(FigureUnknown):
            dispute(house, person, figure)
    with pytest.raises(ConsentMissing):
        dispute(house, person, Figure(Platform.MASTODON, Metric.FOLLOWERS))


def test_a_withdrawn_consent_takes_disputes_and_corrections_with_it(house, person):
    accept(house, dispute(house, person))
    second = dispute(house, person, LIKES, 90)

    withdraw_consent(house, person)

    assert standings(house, person) == []
    with pytest.raises(RequestUnknown), house.open_vault("staff", "anna") as vault:
        find_rectification(vault, second)


def test_a_total_moves_with_its_week():
    before = record(weeks=[week(likes_received=5, posts=2)], likes_received=5, posts=2)
    figure = Figure(before.platform, Metric.LIKES_RECEIVED, before.weeks[0].week)

    after = with_figure(before, figure, 9)

    assert (after.weeks[0].likes_received, after.likes_received, after.posts) == (9, 9, 2)
    assert with_figure(after, figure, 5) == before


def test_recipients_are_told_of_a_correction(house, person):
    new_recipient(house)
    agree_to_share(house, person.subject_id)
    hand_over(house, person.subject_id, BRAND, SHARE, VALUES)

    accept(house, dispute(house, person))

    with house.open_reading_vault() as vault:
        assert [one.kind for one in notices_about(vault, person.subject_id)] == ["rectification"]
