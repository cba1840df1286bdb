"""A hundred thousand weeks are copied in the memory of a few."""

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from app.exports import ask_for_copy, exports, fetch_copy
from consent.gate import require_permit
from consent.purpose import score_scope
from rights.request import Channel, Right
from sources.activity import IsoWeek, Platform, WeekActivity
from sources.store import replace_record
from tests.app.test_exports import sign_in
from tests.model.making import record
from tests.people import give_consent
from tests.rights.copying import opened

ROOT = Path(__file__).resolve().parents[2]
WEEKS = 100_000
ALLOWED_MB = 64
LAST = date(2026, 11, 16)


def weeks() -> tuple[WeekActivity, ...]:
    """As many weeks as forty people would fill in fifty years each."""
    days = (LAST - timedelta(weeks=ago) for ago in range(WEEKS - 1, -1, -1))
    return tuple(WeekActivity(IsoWeek(*day.isocalendar()[:2]), 12, 3, 4, 1234, 56, 7, 123456) for day in days)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from Linux's /proc")
@pytest.mark.parametrize("engine_name", ["postgresql"])  # the one whose driver takes more memory
def test_a_hundred_thousand_weeks_cost_less_than_64_mb_above_idle(house, person):
    session = sign_in(house, person)
    give_consent(house, person)
    with house.open_vault("worker") as vault:
        permit = require_permit(vault, person.subject_id, score_scope(Platform.X))
        replace_record(vault, permit, record(Platform.X, weeks=list(weeks())))
    ask_for_copy(house, session, Right.ACCESS, Channel.PAGE)

    environment = os.environ | {
        "KLARWERT_HOME": str(house.config.home),
        "KLARWERT_DATA_URL": house.config.data_url,
        "KLARWERT_KEYS_URL": house.config.keys_url,
    }
    command = [sys.executable, "-m", "tests.rights.exporting"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )

    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout.splitlines()[-1])
    assert outcome["peak_mb"] - outcome["idle_mb"] < ALLOWED_MB
    (ready,) = exports(house, session)
    with fetch_copy(house, session, ready.id).reader as reader:
        files = opened(reader.readall() or b"")
    assert files["data/records/x.jsonl"].count(b"\n") == WEEKS
    assert json.loads(files["portability/outbox.json"])["totalItems"] == 2 * WEEKS
