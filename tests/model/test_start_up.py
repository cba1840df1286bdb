"""The scoring path loads neither numpy nor scikit-learn: every web worker would pay for them."""

import subprocess
import sys
from pathlib import Path

HEAVY = {"numpy", "scipy", "sklearn", "shap", "matplotlib", "pandas", "sqlalchemy"}


def test_scoring_and_explaining_load_the_standard_library_only() -> None:
    program = (
        "import sys, model.scoring, model.card, explain.attribution, explain.statement;"
        "model.card.load_card(); print(*{name.partition('.')[0] for name in sys.modules})"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "rfc8785" in done.stdout.split()
    assert not HEAVY & set(done.stdout.split())
