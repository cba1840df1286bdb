"""The rules as data: complete for each country and language, sourced, and blind to scores."""

import ast
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from explain.wording import Language
from perks.label.placing import fold_of
from perks.label.post import Country, Format
from perks.label.rules import Kind, all_sources, catalog, rules_of
from perks.label.vocabulary import vocabulary
from sources.activity import Platform
from tests.architecture.checkout import ROOT


@pytest.mark.parametrize("country", Country)
def test_a_country_has_a_rule_of_each_kind_said_in_each_language_on_a_source_of_its_own(
    country: Country,
) -> None:
    rules = rules_of(country)

    assert {rule.kind for rule in rules.rules if not rule.groups} == set(Kind)
    for rule in rules.rules:
        assert all(rule.says[language] for language in Language)
        assert rule.says[Language.EN] != rule.says[Language.DE]
        assert rule.sources
        assert all(source.id.startswith(country.value.lower()) for source in rule.sources)
        assert rule.id.startswith(country.value.lower())
    assert len({rule.id for rule in rules.rules}) == len(rules.rules)
    assert rules.fix_hours > 0


@pytest.mark.parametrize("country", Country)
def test_a_rule_names_groups_of_words_that_exist(country: Country) -> None:
    groups = {name for rule in rules_of(country).rules for name in rule.groups}

    assert groups <= set(catalog("wording")["groups"])


@pytest.mark.parametrize("country", Country)
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("form", Format)
def test_every_kind_of_post_has_words_that_suffice(
    country: Country, language: Language, form: Format
) -> None:
    words = vocabulary(country, language, form)

    assert any(phrase.suffices for phrase in words.by_tag.values())


@pytest.mark.parametrize("platform", Platform)
def test_every_platform_has_a_fold(platform: Platform) -> None:
    assert fold_of(platform).characters > 0


def test_every_source_says_when_we_looked_and_at_what_and_is_used() -> None:
    used = {source.id for country in Country for rule in rules_of(country).rules for source in rule.sources}

    assert set(all_sources()) == used
    for source in all_sources().values():
        assert source.seen in {"text", "page", "account"}
        assert source.looked_on >= date(2026, 11, 25)
        assert source.address.startswith("http")


def test_a_verdict_can_reach_no_score_and_no_database() -> None:
    program = "import sys, perks.label.check; print(*{name.split('.')[0] for name in sys.modules})"

    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert not {"model", "sqlalchemy", "flask", "audit", "consent"} & set(loaded.stdout.split())
    assert "perks" in loaded.stdout.split()


def test_what_makes_a_score_does_not_know_of_labels() -> None:
    files = [file for package in ("model", "explain") for file in (ROOT / package).rglob("*.py")]

    assert [file for file in files if any("perks" in name for name in imported(file))] == []


def imported(file: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
