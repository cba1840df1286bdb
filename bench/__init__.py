"""Measurements in turns; `__main__.py` runs them, `measure.py` holds the arithmetic.

Numerical libraries compute on one thread here: the CPU time of several holds what they wait for one another.
"""

import os

for _setting in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # read once, when numpy is loaded
    os.environ.setdefault(_setting, "1")
