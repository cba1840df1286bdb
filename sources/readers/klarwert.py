"""A copy from another Klarwert, as the archive of one network (GDPR Art. 20).

Read: the network's line of `data/connections.jsonl` and its weeks in `data/records/<network>.jsonl`, which
together are the closed record as it was sealed there, with its own dates. Equal record, equal score. Figures
that were corrected there stay as the platform gave them; here they may be disputed anew.
"""

from typing import Any

from sources.activity import ActivityRecord, Metric, Platform, WeekActivity
from sources.errors import ArchiveAmbiguous, Flaw, PackageRefused, RecordInvalid
from sources.package import Package
from sources.record_json import record_from_json

CONNECTIONS = "data/connections.jsonl"
_LARGEST = 10**12  # as for every archive: minimise.py
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
_MOST_WEEKS = 53 * (_LAST_YEAR - _FIRST_YEAR + 1)
_FIGURES = tuple(name for name in WeekActivity.__dataclass_fields__ if name != "week")


def read_klarwert(package: Package, expected: Platform | None) -> ActivityRecord:
    """The record of one network out of a verified copy.

    Raises:
        PackageRefused: it has none of this network, or an entry is not of the documented form.
        ArchiveAmbiguous: no network was named, and it has several.
    """
    outlines = _outlines(package)
    if expected is None and len(outlines) > 1:
        raise ArchiveAmbiguous
    platform = next(iter(outlines), None) if expected is None else expected
    if platform is None or platform not in outlines:
        raise PackageRefused(Flaw.NETWORK)
    path = f"data/records/{platform}.jsonl"
    weeks = []
    for row, week in enumerate(package.lines(path), 1):
        if row > _MOST_WEEKS or not _is_week(week):  # before it is held: a line may be a megabyte
            raise PackageRefused(Flaw.ENTRY, file=path, row=row)
        weeks.append(week)
    return _bounded(_record({**outlines[platform], "weeks": weeks}, path), path)


def _is_week(week: dict[str, Any]) -> bool:
    """Whether a line is as short as a week is: its name and its figures."""
    name, figures = week.get("week"), [week.get(figure) for figure in _FIGURES]
    return (
        week.keys() == {"week", *_FIGURES}
        and type(name) is str
        and len(name) == len("2026-W05")
        and all(figure is None or (type(figure) is int and figure <= _LARGEST) for figure in figures)
    )


def _outlines(package: Package) -> dict[Platform, dict[str, Any]]:
    """Each network's figures; one whose consent had ended there has none."""
    found: dict[Platform, dict[str, Any]] = {}
    for row, line in enumerate(package.lines(CONNECTIONS), 1):
        record = line.get("record")
        if record is None:
            continue
        platform = record.get("platform") if type(record) is dict else None
        if type(platform) is not str or platform not in list(Platform) or Platform(platform) in found:
            raise PackageRefused(Flaw.ENTRY, file=CONNECTIONS, row=row)
        found[Platform(platform)] = record
    return found


def _record(data: dict[str, Any], path: str) -> ActivityRecord:
    try:
        return record_from_json(data)
    except (RecordInvalid, OverflowError):
        raise PackageRefused(Flaw.ENTRY, file=path) from None


def _bounded(record: ActivityRecord, path: str) -> ActivityRecord:
    """The record, if its figures and days are such as an archive may have, too."""
    figures = [getattr(record, metric.value) for metric in Metric]
    figures += [getattr(week, name) for week in record.weeks for name in _FIGURES]
    days = [day for day in (record.first_day, record.last_day, record.as_of) if day is not None]
    years = [week.week.year for week in record.weeks] + [day.year for day in days]
    is_bounded = all(figure is None or figure <= _LARGEST for figure in figures)
    if not is_bounded or not all(_FIRST_YEAR <= year <= _LAST_YEAR for year in years):
        raise PackageRefused(Flaw.ENTRY, file=path)
    return record
