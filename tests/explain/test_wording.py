"""Both languages say the same things, each in its own way."""

from datetime import date
from pathlib import Path

import pytest

from explain.errors import WordsMissing
from explain.statement import CATALOGS
from explain.wording import Language, Words, say_day, say_list, say_number

WORDS = Words(CATALOGS)
DE, EN = Language.DE, Language.EN


def test_the_catalogs_have_the_same_keys() -> None:
    assert WORDS.keys(EN) == WORDS.keys(DE)


def test_every_sentence_needs_the_same_facts_in_both_languages() -> None:
    unequal = [key for key in WORDS.keys(EN) if WORDS.placeholders(key, EN) != WORDS.placeholders(key, DE)]

    assert unequal == []


@pytest.mark.parametrize(
    ("value", "digits", "english", "german"),
    [
        (1234.5, 1, "1,234.5", "1.234,5"),
        (1234567, 0, "1,234,567", "1.234.567"),
        (-3.25, 2, "−3.25", "−3,25"),
        (-0.04, 1, "0.0", "0,0"),
        (0, 0, "0", "0"),
        (999.96, 1, "1,000.0", "1.000,0"),
    ],
)
def test_numbers_are_written_as_the_language_writes_them(
    value: float, digits: int, english: str, german: str
) -> None:
    assert say_number(value, EN, digits) == english
    assert say_number(value, DE, digits) == german


def test_days_and_lists_are_written_as_the_language_writes_them() -> None:
    assert say_day(date(2026, 11, 23), EN) == "23 November 2026"
    assert say_day(date(2026, 3, 1), DE) == "1. März 2026"
    assert say_list(["a", "b", "c"], EN) == "a, b and c"
    assert say_list(["a", "b"], DE) == "a und b"
    assert say_list(["a"], DE) == "a"


def catalogs(directory: Path, sentence: str) -> Words:
    for language in Language:
        (directory / f"{language}.toml").write_text(
            f'[a.b]\nc = "{sentence}"\nd.one = "1 x"\nd.other = "{{count}} x"'
        )
    return Words(directory)


def test_facts_are_filled_in_with_their_digits(tmp_path: Path) -> None:
    words = catalogs(tmp_path, "{name}: {points:1} on {day}, {count}")

    said = words.say("a.b.c", DE, name="X", points=1234.56, day=date(2026, 5, 4), count=1000)

    assert said == "X: 1.234,6 on 4. Mai 2026, 1.000"


def test_one_and_many_have_their_own_words(tmp_path: Path) -> None:
    words = catalogs(tmp_path, "-")

    assert words.say_count("a.b.d", EN, 1) == "1 x"
    assert words.say_count("a.b.d", EN, 0) == "0 x"
    assert words.say_count("a.b.d", EN, 1200) == "1,200 x"


@pytest.mark.parametrize("sentence", ["{absent}", "{name.__class__}", "{name[0]}", "{}", "{0}"])
def test_a_missing_fact_is_refused_and_nothing_inside_a_fact_is_reachable(
    tmp_path: Path, sentence: str
) -> None:
    words = catalogs(tmp_path, sentence)

    with pytest.raises(WordsMissing):
        words.say("a.b.c", EN, name="X")


def test_a_missing_key_is_refused_by_name() -> None:
    with pytest.raises(WordsMissing, match=r"criterion\.fame"):
        WORDS.say("criterion.fame", EN)
