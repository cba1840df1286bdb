"""What a table holds about people, declared beside the table itself.

One declaration serves the Art. 30 record, the privacy notice, export, retention and erasure, so
none of them can forget a table.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any


class Fate(StrEnum):
    """What erasure does with a table's rows (GDPR Art. 17)."""

    DELETED = "deleted"
    KEPT = "kept"  # only with a reason of Art. 17(3)
    NOT_PERSONAL = "not-personal"


@dataclass(frozen=True)
class Term:
    """How long a row stays: until so long after the instant in one of its columns."""

    column: str
    after: timedelta = timedelta()


@dataclass(frozen=True)
class Opening:
    """How a sealed column is opened for its owner's copy (GDPR Art. 15(3)).

    opens: (vault, permits by scope, row) to JSON's own types; a KeyError where no permit is held.
    form: the JSON Schema of what comes out.
    """

    opens: Callable[[Any, Mapping[str, Any], Any], Any]
    form: Mapping[str, Any]


@dataclass(frozen=True)
class Holding:
    """One table: why it exists, on which legal basis, how long, from whom, to whom, and its end.

    retained: the term in words, shown to people.
    ends: the same for the purge job (rights/retention.py): a row goes with the first of them.
    subject_column: the column that names the data subject, absent where the table holds nobody.
    personal: the columns that hold personal data, with what each holds in plain words.
    rests_on: the consent scopes a row rests on; withdrawing one of them deletes the row.
    copied_to: the file of the person's copy it goes into; default: data/<table>.jsonl.
    opened_by: how each sealed column is opened for that copy.
    left_out: what of it is not copied (a column, or a field within a sealed one), and why.
    """

    what: str
    purpose: str
    basis: str
    retained: str
    source: str
    fate: Fate
    disclosed_to: tuple[str, ...] = ()
    ends: tuple[Term, ...] = ()
    kept_because: str | None = None
    subject_column: str | None = None
    personal: Mapping[str, str] = field(default_factory=dict)
    rests_on: Callable[[Any], Collection[str]] | None = None
    copied_to: str | None = None
    opened_by: Mapping[str, Opening] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.fate is Fate.KEPT) != (self.kept_because is not None):
            raise ValueError("What is kept after erasure needs a reason, and only that.")
        if self.fate is Fate.DELETED and self.subject_column is None:
            raise ValueError("What erasure deletes must say whose it is.")
