"""The printed card says all that is needed to recompute a score, in both languages, and nothing else."""

import re
from math import fsum, log
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.card.example import worked_example
from explain.card.tables import card_tables
from explain.card.wording import CARD_CATALOGS, card_words
from explain.wording import Language, Words
from model.card import card_from_bytes, load_card
from model.inputs import Criterion
from model.training.rules import LIKES_PER_RESHARE, RULES
from model.units import Figure, SetBy
from sources.activity import Platform
from tests.model.making import changed_card

CARD = load_card()
WORDS = Words(CARD_CATALOGS)
EXPLAIN = Path(__file__).resolve().parents[2] / "explain" / "card"


@pytest.mark.parametrize("language", list(Language))
def test_every_number_of_the_card_stands_in_its_tables(language: Language) -> None:
    tables = card_tables(CARD, language)

    assert [table.criterion for table in tables.curves] == list(Criterion)
    for table in tables.curves:
        curve = CARD.curves[table.criterion]
        assert tuple(row.x for row in table.rows) == curve.knots
        assert tuple(row.points for row in table.rows) == curve.values
    assert {row.platform for row in tables.units} == set(Platform)
    for row in tables.units:
        for criterion, cell in row.cells.items():
            unit = CARD.units.find(row.platform, criterion)
            assert (cell.factor if cell else None) == (unit.factor if unit else None)
    evaluated = {row.key: row.value for row in tables.figures}
    assert evaluated["auc_mean"] == CARD.document["evaluation"]["auc_mean"]


@settings(deadline=None, max_examples=300)
@given(place=st.sampled_from(list(Criterion)), z=st.floats(0, 17))
def test_four_printed_digits_are_enough_for_points_right_to_the_hundredth(place: Criterion, z: float) -> None:
    x = (
        min(52.0, round(2.718281828**z - 1, 1))
        if place is Criterion.CONSISTENCY
        else round(2.718281828**z - 1, 1)
    )
    (table,) = (one for one in card_tables(CARD, Language.EN).curves if one.criterion is place)

    row = [one for one in table.rows if one.x <= x][-1]
    points = round(row.points, 2) + round(row.slope, 4) * (round(log(1 + x), 4) - round(row.log, 4))

    assert points == pytest.approx(CARD.points(place, x), abs=0.005)


def test_the_words_of_both_languages_have_the_same_keys_and_facts_and_each_is_used() -> None:
    english, german = WORDS.keys(Language.EN), WORDS.keys(Language.DE)
    sources = "".join(path.read_text(encoding="utf-8") for path in EXPLAIN.glob("*.py"))
    families: dict[str, set[str]] = {
        "figure": set(Figure),
        "set_by": set(SetBy),
        "counts": set(Criterion),
        "counts_one": set(Criterion),
        "rule": set(RULES),
    }

    assert english == german
    for key in english:
        assert WORDS.placeholders(key, Language.EN) == WORDS.placeholders(key, Language.DE), key
        family, end = key.split(".")
        assert end in families[family] if family in families else re.search(rf"\b{end}\b", sources), key
    for family, ends in families.items():
        assert {key.partition(".")[2] for key in english if key.startswith(f"{family}.")} == ends


def test_a_rule_is_said_in_the_language_and_another_card_s_own_rule_as_it_stands() -> None:
    other = card_from_bytes(changed_card(lambda card: card["criteria"][4].update(rule="Another rule.")))

    german = {table.criterion: table.rule for table in card_tables(CARD, Language.DE).curves}
    changed = {table.criterion: table.rule for table in card_tables(other, Language.DE).curves}

    for criterion, rule in RULES.items():
        assert card_words().say(f"rule.{criterion}", Language.EN) == rule
        assert german[criterion] == card_words().say(f"rule.{criterion}", Language.DE)
    assert german[Criterion.AUDIENCE] is None
    assert changed[Criterion.APPRECIATION] == "Another rule."


def test_what_the_assumptions_say_is_what_the_rules_do() -> None:
    said = " ".join(card_tables(CARD, Language.EN).assumptions)

    assert LIKES_PER_RESHARE == 2
    assert "two likes are taken as one reshare" in said
    assert "taken as 7 responses a week" in said
    assert CARD.document["training"]["columns"]["conversation"]["per_unit"] == 7
    assert "less than 5 points" in said
    assert "exactly 99" in said


@pytest.mark.parametrize("language", list(Language))
def test_the_worked_example_adds_up_and_shows_every_case_once(language: Language) -> None:
    example = worked_example(CARD, language)

    assert example.base + fsum(line.points for line in example.lines) == pytest.approx(
        example.exact, abs=1e-9
    )
    lines = {line.criterion: line for line in example.lines}
    assert lines[Criterion.RECOGNITION].x is None
    assert len(lines[Criterion.AUDIENCE].brought) == 2
    assert any(part.factor != 1 for line in example.lines for part in line.brought)
    weeks = lines[Criterion.CONSISTENCY]
    assert weeks.x is not None
    assert weeks.x < fsum(part.value for part in weeks.brought)
    for line in example.lines:
        if line.x is not None and line.criterion is not Criterion.CONSISTENCY:
            assert fsum(part.value * part.factor for part in line.brought) == pytest.approx(line.x)


def test_the_example_follows_a_changed_card() -> None:
    doubled = card_from_bytes(
        changed_card(lambda card: card["units"]["networks"]["youtube"]["appreciation"].update(factor=0.6))
    )
    without = card_from_bytes(changed_card(lambda card: card["units"]["networks"].pop("youtube")))

    assert worked_example(doubled, Language.EN).exact > worked_example(CARD, Language.EN).exact
    assert worked_example(without, Language.EN).exact < worked_example(CARD, Language.EN).exact
