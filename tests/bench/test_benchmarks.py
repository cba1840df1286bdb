"""Every benchmark can be set up, run for one tiny round and taken down; the program prints what it says."""

import json
from pathlib import Path

import pytest

from bench.__main__ import BENCHMARKS, main
from bench.growth import growth
from bench.loader import AnswerUnexpected, load, request_bytes
from bench.measure import Benchmark, NotMeasurable, run
from bench.server import running_server

TINY = 0.01


@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=[one.name for one in BENCHMARKS])
def test_a_benchmark_measures_each_of_its_goals(benchmark: Benchmark) -> None:
    try:
        results = run(benchmark, rounds=1, work=TINY, with_warm_up=False)
    except NotMeasurable as reason:
        pytest.skip(f"{reason}.")

    assert [result.goal for result in results] == list(benchmark.goals)
    assert all(result.ratio > 0 for result in results)


def test_the_program_prints_json_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--json", "--rounds", "1", "--only", "audit-append-sqlite"]

    exit_code = main(arguments)

    (result,) = json.loads(capsys.readouterr().out)
    assert set(result) == {"name", "ratio", "target", "met", "peer", "rounds"}
    assert (exit_code, result["rounds"], result["target"]) == (0, 1, ">= 0.7")


def test_growth_is_measured_at_every_tenfold_size_and_proofs_grow_by_a_hash_with_each_doubling() -> None:
    small, large = growth(10_000)

    assert (small.size, small.inclusion_hashes) == (1_000, 10)
    assert (large.size, large.inclusion_hashes) == (10_000, 14)
    assert min(small.append, small.inclusion, small.consistency, small.verify_inclusion) > 0


def test_an_answer_other_than_200_is_no_measurement_and_the_server_ends_with_the_block() -> None:
    with (
        running_server("bench.plain:plain_application", {}) as server,
        pytest.raises(AnswerUnexpected, match="404"),
    ):
        load(server.port, request_bytes("/nothing"), count=1, connections=1)

    assert not Path(f"/proc/{server.pid}").exists()
