"""Counting people for offers, once a day: one person after another, each reading in a transaction of its own.

What is read of a person is in memory until the count, and the count is blurred before it is kept
(perks/reach.py). Interrupted, it is begun again: nothing of half a count is kept.
"""

from app.transaction import House
from perks.figures import count_day
from perks.reach import coarse_person, keep_reach, matched_people, uncounted


def count_people(house: House) -> None:
    """Count what is to be counted today; again: nothing more."""
    with house.open_vault("worker") as vault:
        count_day(vault)
        asked = uncounted(vault)
        ids = matched_people(vault) if asked else ()
    people = []
    for subject_id in ids:
        with house.open_vault("worker") as vault:
            person = coarse_person(vault, subject_id)
        if person is not None:
            people.append(person)
    if asked:
        with house.open_vault("worker") as vault:
            keep_reach(vault, asked.values(), people)
