"""Reason codes: closed, ranked by whole points, and steady."""

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from explain.attribution import Baseline, View
from explain.composition import explain
from explain.reasons import MOST_REASONS, Reason, ReasonKind, Reasons, all_codes, reasons_of
from model.inputs import Criterion
from model.scoring import CriterionScore, score_records
from sources.activity import ActivityRecord, Platform
from tests.explain.drawing import CARD, some_records
from tests.model.making import AS_OF, record, week

ATTRIBUTIONS = st.fixed_dictionaries({criterion: st.floats(-20, 20) for criterion in Criterion})


def reasons_for(values: Mapping[Criterion, float], missing: frozenset[Criterion] = frozenset()) -> Reasons:
    criteria = [
        CriterionScore(name, 1.0, 20.0, None if name in missing else 5.0, {Platform.X: 1.0})
        for name in Criterion
    ]
    return reasons_of(criteria, View(Baseline.REFERENCE, 50.0, values))


def reasons_of_records(*records: ActivityRecord) -> Reasons:
    return explain(score_records(CARD, records), CARD, today=AS_OF).reasons


def codes(reasons: tuple[Reason, ...]) -> list[str]:
    return [one.code for one in reasons]


def test_the_heaviest_come_first_and_ties_stand_in_the_order_of_the_criteria() -> None:
    values = dict(zip(Criterion, (1.2, 5.5, 1.9, -3.1, -7.0, 0.9), strict=True))

    reasons = reasons_for(values)

    assert codes(reasons.up) == ["recognition.above", "audience.above", "conversation.above"]
    assert codes(reasons.down) == ["appreciation.below", "amplification.below"]


def test_no_more_than_four_are_named_in_one_direction() -> None:
    reasons = reasons_for(dict.fromkeys(Criterion, -3.0))

    assert codes(reasons.down) == [f"{criterion}.below" for criterion in list(Criterion)[:MOST_REASONS]]
    assert reasons.up == ()


def test_a_missing_figure_is_a_reason_of_its_own_and_never_called_low() -> None:
    reasons = reasons_of_records(record(followers=5))

    assert "conversation.missing" in codes(reasons.down)
    assert {one.kind for one in reasons.down if one.criterion is not Criterion.AUDIENCE} == {
        ReasonKind.MISSING
    }


def test_all_the_points_there_are_is_said_as_such() -> None:
    reasons = reasons_of_records(record(followers=10**9, weeks=[week(0, likes_received=1)]))

    assert "audience.full" in codes(reasons.up)


@given(records=some_records())
@settings(deadline=None)
def test_the_same_inputs_give_the_same_codes_of_the_closed_set(records: list[ActivityRecord]) -> None:
    first, again = reasons_of_records(*records), reasons_of_records(*reversed(records))

    assert first == again
    assert set(codes(first.up) + codes(first.down)) <= set(all_codes())
    assert all(abs(one.points) >= 1 for one in (*first.up, *first.down))
    assert len(first.up) <= MOST_REASONS
    assert len(first.down) <= MOST_REASONS


@given(values=ATTRIBUTIONS, data=st.data())
@settings(deadline=None)
def test_changes_within_the_same_whole_points_change_nothing(
    values: dict[Criterion, float], data: st.DataObject
) -> None:
    def moved(value: float) -> float:
        whole = int(abs(value))
        size = data.draw(st.floats(whole, whole + 1, exclude_max=True))
        return size if value >= 0 else -size

    nearby = {criterion: moved(value) for criterion, value in values.items()}

    first, then = reasons_for(values), reasons_for(nearby)

    assert (codes(first.up), codes(first.down)) == (codes(then.up), codes(then.down))


@given(values=ATTRIBUTIONS, data=st.data())
@settings(deadline=None)
def test_reasons_two_points_apart_never_change_places_through_changes_below_half_a_point(
    values: dict[Criterion, float], data: st.DataObject
) -> None:
    nearby = {name: value + data.draw(st.floats(-0.49, 0.49)) for name, value in values.items()}

    first, then = reasons_for(values), reasons_for(nearby)

    for before, after in ((first.up, then.up), (first.down, then.down)):
        places = {one.criterion: place for place, one in enumerate(after)}
        for index, heavy in enumerate(before):
            for light in before[index + 1 :]:
                apart = abs(heavy.points) - abs(light.points)
                if apart >= 2 and {heavy.criterion, light.criterion} <= places.keys():
                    assert places[heavy.criterion] < places[light.criterion]
