"""The libraries of the `explain` and `development` extras, which a plain installation does without.

Training, proof and plots import numpy, scikit-learn, shap and matplotlib where these are used and nowhere
else, so that the service never loads them. This is the one way such an import is refused.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from model.errors import ExtraMissing


@contextmanager
def extra_for(task: str) -> Iterator[None]:
    """Around imports: a library that is not installed is said to be lacking, and how to get it.

    Args:
        task: what needs it, as the beginning of a sentence: “Training”.

    Raises:
        ExtraMissing: a library is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as missing:
        raise ExtraMissing(
            f"{task} needs {missing.name}: run `python3 run.py setup --development` first."
        ) from None
