"""The arithmetic of a comparison, and the forms its results take."""

from collections.abc import Iterator
from contextlib import contextmanager

from bench.measure import WALL, Benchmark, Goal, Result, Side, run
from bench.table import say_seconds, summary

COST = Goal("cost", WALL, "its peer", most=2)
SPEED = Goal("speed", WALL, "its peer", least=0.7)


def scripted(
    subject: list[float], peer: list[float], *goals: Goal, turns: list[str] | None = None
) -> Benchmark:
    """A benchmark whose sides cost what the script says, turn by turn; the first turn does not count."""
    told = [] if turns is None else turns

    @contextmanager
    def sides(_work: float) -> Iterator[tuple[Side, Side]]:
        yield side("subject", iter(subject)), side("peer", iter(peer))

    def side(name: str, costs: Iterator[float]) -> Side:
        def measure() -> dict[str, float]:
            told.append(name)
            return {WALL: next(costs)}

        return measure

    return Benchmark("scripted", goals, sides)


def test_the_ratio_is_the_median_of_the_ratios_of_the_rounds() -> None:
    benchmark = scripted([99, 3, 8, 10], [1, 1, 2, 10], COST)

    (result,) = run(benchmark, rounds=3)

    assert (result.ratio, result.rounds, result.is_met) == (3, 3, False)
    assert (result.subject, result.peer) == (8, 2)


def test_a_speed_is_the_peers_cost_over_our_own() -> None:
    benchmark = scripted([1, 4], [1, 3], SPEED)

    (result,) = run(benchmark, rounds=1)

    assert result.ratio == 0.75
    assert result.is_met


def test_both_sides_take_turns_after_one_that_does_not_count() -> None:
    turns: list[str] = []

    run(scripted([1] * 3, [1] * 3, COST, turns=turns), rounds=2)

    assert turns == ["subject", "peer"] * 3


def test_a_target_is_met_at_its_very_bound() -> None:
    benchmark = scripted([1, 2], [1, 1], COST)

    (result,) = run(benchmark, rounds=1)

    assert result.is_met


def test_a_result_has_exactly_the_promised_members() -> None:
    result = Result(COST, ratio=1.23456, rounds=5, subject=1, peer=1)

    assert result.to_json() == {
        "name": "cost",
        "ratio": 1.235,
        "target": "<= 2",
        "met": True,
        "peer": "its peer",
        "rounds": 5,
    }


def test_the_table_names_what_is_missed_and_shows_the_load() -> None:
    results = [Result(COST, 3, 5, 3, 1), Result(SPEED, 0.8, 5, 1, 0.8)]

    table = summary(results)

    assert "Missed: cost." in table
    assert table.startswith("load average")


def test_a_cost_may_be_said_as_units_per_second() -> None:
    goal = Goal("rate", WALL, "its peer", "row", least=5, as_rate=True)

    table = summary([Result(goal, 8, 5, subject=2e-7, peer=1.6e-6)])

    assert "5,000,000/s" in table
    assert "625,000/s" in table


def test_seconds_are_said_in_a_fitting_unit() -> None:
    said = [say_seconds(value) for value in (2.5, 0.0125, 0.000_31, 9.5e-9)]

    assert said == ["2.5 s", "12.5 ms", "310 µs", "9.5 ns"]
