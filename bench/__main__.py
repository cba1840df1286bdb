"""`python3 run.py bench`: measure everything against its ceiling, in turns, and say plainly what is met.

It measures and does not judge: the exit code is 0 whether or not a target is met.
"""

import argparse
import contextlib
import json
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from bench import batch, crowd, growth, log, proving, reading, scoring, start, storage, verifying, web
from bench.measure import Benchmark, NotMeasurable, Result, run
from bench.table import load, summary

FEWEST_ROUNDS = 5
BENCHMARKS = (
    web.EXPLAINED_SCORE,
    web.OWN_HELLO,
    log.APPEND_SQLITE,
    log.BATCH_SQLITE,
    log.APPEND_POSTGRESQL,
    log.BATCH_POSTGRESQL,
    crowd.OUTBOX_POSTGRESQL,
    verifying.VERIFY_STRUCTURE,
    proving.SQLITE,
    proving.POSTGRESQL,
    storage.EXPORTED,
    storage.SQLITE,
    storage.POSTGRESQL,
    reading.WHOLE_IMPORT,
    reading.PARSER_ALONE,
    start.START_UP,
    scoring.ONE_ROW,
    scoring.ONE_ROW_PAIR,
    batch.BATCH_PIPELINE,
    batch.BATCH_CARD_PIPELINE,
    batch.BATCH_EXPLAINER,
    batch.BATCH_RATE,
)


def main(arguments: Sequence[str]) -> int:
    chosen = _parser().parse_args(arguments)
    if chosen.growth:
        for line in growth.said(chosen.growth):
            print(line, flush=True)
        return 0
    wanted = [one for one in BENCHMARKS if not chosen.only or one.name in chosen.only]
    with contextlib.redirect_stdout(sys.stderr):  # what the measured code says is not the measurement
        results = [result for one in wanted for result in _measured(one, chosen.rounds)]
    if chosen.as_json:
        print(load(), file=sys.stderr)
        print(json.dumps([result.to_json() for result in results], indent=2))
    else:
        print(summary(results))
    return 0


def _measured(benchmark: Benchmark, rounds: int) -> list[Result]:
    try:
        results = run(benchmark, rounds)
    except NotMeasurable as reason:
        print(f"{benchmark.name}: not measured: {reason}.", file=sys.stderr)
        return []
    return results


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run.py bench", description=__doc__)
    parser.add_argument("--json", action="store_true", dest="as_json", help="print a JSON list, nothing else")
    parser.add_argument("--only", nargs="+", choices=[one.name for one in BENCHMARKS], metavar="NAME")
    parser.add_argument(
        "--rounds", type=int, default=FEWEST_ROUNDS, help="5 at least for a median worth the name"
    )
    parser.add_argument(
        "--growth", type=int, metavar="LEAVES", help="only show how the log's costs grow up to so many leaves"
    )
    return parser


def _end(*_: object) -> NoReturn:
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    # Ended as by Ctrl-C, so that temporary directories and servers go away with the run.
    signal.signal(signal.SIGTERM, _end)
    sys.exit(main(sys.argv[1:]))
