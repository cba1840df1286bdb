"""Counts a brand sees, attacked: by thresholds, by asking again, by accounts of one's own."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.reaching import count_people
from consent.access import accesses
from model.inputs import Criterion
from perks.figures import FiguresNotForThis, figures
from perks.offer import find_published
from perks.offer_terms import Criteria, OfferTerms
from perks.reach import (
    CoarseCriteria,
    CoarsePerson,
    Counted,
    K,
    PerkCount,
    coarse,
    find_reach,
    keep_reach,
    rounded,
    tens_of,
)
from perks.use_context import UseContext
from sources.activity import Platform
from tests.perks.offering import NEW_BRAND, new_brand, terms_json
from tests.perks.taking_part import REACHED, agreed, an_offer, opted_in, quick_creator

PERSON = CoarsePerson(60, frozenset({Platform.X}), "DE", frozenset({"de"}), frozenset({"gardening"}))
ANY = CoarseCriteria(0, frozenset(), frozenset(), frozenset(), frozenset(), False)
DAY = timedelta(days=1)


def criteria(least: int) -> Criteria:
    return OfferTerms.from_json(
        terms_json(criteria={**REACHED, "min_score": least}, admits_down_to=None)
    ).criteria


def reach(house, offer) -> str | None:
    with house.open_reading_vault("recipient") as vault:
        return find_reach(vault, find_published(vault, offer))


@given(count=st.integers(0, 10_000))
def test_less_than_ten_is_said_so_and_more_in_tens(count):
    said = rounded(count)

    assert said == ("<10" if count < K else str(count // 10 * 10))


def test_a_search_by_thresholds_meets_the_same_question_within_every_ten():
    digests = [coarse(criteria(least)).digest for least in range(1, 101)]

    assert len(set(digests)) == 11
    assert all(digests[least - 1] == digests[tens_of(least) - 1] for least in range(10, 101))


def test_points_for_a_criterion_are_not_counted_so_that_they_cannot_be_searched():
    finer = replace(criteria(40), min_points={Criterion.AUDIENCE: 7})

    assert coarse(finer) == coarse(criteria(40))


def test_a_version_has_one_count_from_the_next_day_on_whoever_joins_or_asks_later(sqlite_house, clock):
    house = sqlite_house
    first, other = (
        new_brand(house),
        new_brand(
            house,
            new=replace(
                NEW_BRAND,
                slug="other",
                domain="other.example",
                contact="a@other.example",
                notices_url="https://other.example/n",
            ),
        ),
    )
    offer = an_offer(house, first, criteria={**REACHED, "min_score": 11})
    count_people(house)
    assert reach(house, offer) is None
    till = {"en": "Show it at the till.", "de": "An der Kasse zeigen."}
    same = an_offer(house, other, criteria={**REACHED, "min_score": 19}, redeem=till)
    person = quick_creator(house)

    clock.advance(DAY)
    count_people(house)
    before = reach(house, offer), reach(house, same)
    quick_creator(house, 1)
    for _ in range(3):
        clock.advance(DAY)
        count_people(house)

    assert before == ("<10", "<10") == (reach(house, offer), reach(house, same))
    with house.open_reading_vault() as vault:
        kept = vault.session.scalars(select(PerkCount.id).where(PerkCount.counted == Counted.REACH)).all()
        looked = [one.fields for one in accesses(vault, person.subject_id) if one.scope == "perk.match"]
    assert len(kept) == 1
    assert sorted(looked) == ["perk_profile.content", "score.result"]


def test_accounts_of_ones_own_do_not_show_whether_one_more_person_is_there(sqlite_house):
    """As many accounts beside the person sought as one likes: nobody knows where the step is."""
    questions = [replace(ANY, niches=frozenset({f"n{number}"})) for number in range(200)]

    def said(own: int) -> list[int]:
        people = [replace(PERSON, niches=frozenset(f"n{number}" for number in range(200)))] * own
        with sqlite_house.open_vault("worker") as vault:
            keep_reach(vault, questions, people)
            vault.flush()
            rows = vault.session.scalars(select(PerkCount)).all()
            told = {row.about: row.tens for row in rows}
            for row in rows:
                vault.session.delete(row)
        return [told[question.digest] for question in questions]

    answers = [said(own) for own in range(9, 21)]

    steps = [
        sum(before != after for before, after in zip(*pair, strict=True)) / len(questions)
        for pair in pairwise(answers)
    ]
    assert max(steps) <= 0.2
    assert all(tens <= own for own, told in enumerate(answers, start=9) for tens in told)


def test_figures_are_counted_once_a_day_and_tell_nothing_of_a_few(sqlite_house, clock):
    house = sqlite_house
    offer = an_offer(house, new_brand(house))
    clock.advance(DAY)
    count_people(house)
    person = quick_creator(house)
    agreed(house, person.subject_id, offer)
    count_people(house)
    with house.open_reading_vault("recipient") as vault:
        seen = figures(vault, offer, UseContext.OFFER_FIGURES)
        with pytest.raises(FiguresNotForThis):
            figures(vault, offer, UseContext.OFFER_FULFILMENT)
    assert seen is not None
    assert set(seen.latest.values()) == {"<10"}
    assert seen.as_of == clock().date()

    for number in range(1):
        opted_in(house, quick_creator(house, number).subject_id, offer)
    clock.advance(DAY)
    count_people(house)

    with house.open_reading_vault("recipient") as vault:
        later = figures(vault, offer, UseContext.OFFER_FIGURES)
    assert later is not None
    assert [said for _, said in later.by_day[Counted.OPTED_IN]] == ["<10", "<10"]
