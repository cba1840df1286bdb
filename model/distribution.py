"""How many people's scores a new points card moves by how much: k-anonymous, hence fit to be published.

Whole points are merged with their neighbours until every bin holds at least k = 10 people. Nothing is left
out, so there is no gap a total could fill. Counts go out rounded to tens, and the total is the sum of the
rounded bins: it says nothing that they do not say. One person more or less shows only where a count stands on
the edge of a ten. The outer ends are open unless ten people share them, since the largest change of all
may be one person's.

Source: L. Sweeney, k-anonymity: a model for protecting privacy, 2002, section 2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

K = 10


@dataclass(frozen=True, slots=True)
class ChangeBin:
    """People whose score changes by `lowest` to `highest` points, both included; `None` is an open end."""

    lowest: int | None
    highest: int | None
    people: int


@dataclass(frozen=True, slots=True)
class Distribution:
    """Changes of the shown score, fit to be published; `people` is `None` where there are fewer than ten."""

    people: int | None
    bins: tuple[ChangeBin, ...]


def bins_of(changes: Mapping[int, int], k: int = K) -> tuple[ChangeBin, ...]:
    """Merge counts per whole point until each bin holds at least `k`; exact, so not yet to be published.

    Args:
        changes: how many people there are at each change, in whole points.

    Returns:
        Bins in rising order, gapless, that hold everybody; none where there are fewer than `k` people.
    """
    groups = [[point] for point in sorted(changes) if changes[point]]

    def people(group: list[int]) -> int:
        return sum(changes[point] for point in group)

    if sum(map(people, groups)) < k:
        return ()
    while people(least := min(groups, key=people)) < k:
        at = groups.index(least)
        neighbours = [near for near in (at - 1, at + 1) if 0 <= near < len(groups)]
        other = min(neighbours, key=lambda near: people(groups[near]))
        first, second = sorted((at, other))
        groups[first : second + 1] = [groups[first] + groups[second]]
    lowest, highest = groups[0][0], groups[-1][-1]
    return tuple(
        ChangeBin(
            lowest=(groups[at - 1][-1] + 1) if at else (lowest if changes[lowest] >= k else None),
            highest=group[-1] if at + 1 < len(groups) or changes[highest] >= k else None,
            people=people(group),
        )
        for at, group in enumerate(groups)
    )


def publishable(changes: Mapping[int, int]) -> Distribution:
    """The distribution as it may be shown to everybody."""
    bins = tuple(ChangeBin(one.lowest, one.highest, _in_tens(one.people)) for one in bins_of(changes))
    return Distribution(sum(one.people for one in bins) if bins else None, bins)


def distribution_to_json(distribution: Distribution) -> dict[str, Any]:
    """The public JSON form."""
    return {
        "k": K,
        "people": distribution.people,
        "bins": [
            {"lowest": one.lowest, "highest": one.highest, "people": one.people} for one in distribution.bins
        ],
    }


def distribution_from_json(document: Mapping[str, Any]) -> Distribution:
    """Read what `distribution_to_json` wrote."""
    return Distribution(document["people"], tuple(ChangeBin(**one) for one in document["bins"]))


def _in_tens(people: int) -> int:
    return (people + K // 2) // K * K
