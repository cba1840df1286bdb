"""Measurements in turns; `__main__.py` runs them, `measure.py` holds the arithmetic.

Numerical libraries compute on one thread here: the CPU time of several holds what they wait for one another.
Programs that are started and measured as a whole get the environment as it was (`start.py`).
"""

import os

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")  # read once, when numpy is loaded
SET_HERE = tuple(name for name in ONE_THREAD if name not in os.environ)
os.environ.update(dict.fromkeys(SET_HERE, "1"))
