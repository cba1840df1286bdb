"""What the service must not load when it starts: seconds of CPU and hundreds of megabytes per worker."""

import subprocess
import sys

from tests.architecture.checkout import ROOT

HEAVY = {"shap", "sklearn", "pandas", "numpy", "scipy", "numba", "matplotlib"}


def test_the_service_starts_without_the_libraries_of_training_and_proof() -> None:
    report = "import sys, app.web, app.cli; print(*sorted({name.partition('.')[0] for name in sys.modules}))"

    done = subprocess.run(
        [sys.executable, "-c", report], cwd=ROOT, capture_output=True, text=True, check=True
    )

    loaded = set(done.stdout.split())
    assert "flask" in loaded
    assert not loaded & HEAVY
