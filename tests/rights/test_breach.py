"""The register of breaches: its clock, its drafts, and what closing needs."""

from datetime import timedelta

import pytest
from click.testing import CliRunner

from app.breach_notices import draft
from app.cli import klarwert
from rights.breach import Nature, breaches, close_breach, is_overdue, record_breach, require_breach
from rights.errors import BreachIncomplete, BreachUnknown


def entered(vault, **other):
    facts = {
        "nature": Nature.CONFIDENTIALITY,
        "tables": ["import_batch"],
        "people": 12,
        "facts": "A backup was readable.",
        "known_at": vault.now(),
    }
    return record_breach(vault, **{**facts, **other})


def test_the_clock_of_a_breach_ends_72_hours_after_it_was_known(house, clock):
    with house.open_vault("operator") as vault:
        breach = entered(vault, known_at=vault.now() - timedelta(hours=70))

        assert not is_overdue(breach, vault.now())
        clock.advance(timedelta(hours=2))
        assert is_overdue(breach, vault.now())


def test_a_breach_closes_only_with_a_notice_or_a_reason_for_none(house):
    with house.open_vault("operator") as vault:
        breach = entered(vault)
        with pytest.raises(BreachIncomplete):
            close_breach(vault, breach)
        breach.authority_told_at = vault.now()
        with pytest.raises(BreachIncomplete):
            close_breach(vault, breach, people_because="  ")

        close_breach(vault, breach, people_because="What was readable was sealed.")

        assert breach.closed_at is not None


@pytest.mark.parametrize("wrong", [{"tables": ["nobody"]}, {"people": -1}, {"facts": " "}])
def test_an_entry_without_what_the_law_asks_is_refused(sqlite_house, wrong):
    with sqlite_house.open_vault("operator") as vault, pytest.raises(BreachIncomplete):
        entered(vault, **wrong)


@pytest.mark.parametrize(
    ("language", "word"), [("en", "loss of confidentiality"), ("de", "Verlust der Vertraulichkeit")]
)
@pytest.mark.parametrize("addressee", ["authority", "people"])
def test_a_draft_says_what_is_known_and_leaves_the_rest_to_a_person(sqlite_house, language, word, addressee):
    with sqlite_house.open_vault("operator") as vault:
        said = draft(entered(vault), addressee, language, sqlite_house.config.controller)

    assert word in said
    assert "A backup was readable." in said
    assert "Weekly counts" in said
    assert "[" in said


def test_the_command_line_keeps_the_register(sqlite_house):
    runner, environment = CliRunner(), {"KLARWERT_HOME": str(sqlite_house.config.home)}

    def run(*arguments: str) -> str:
        done = runner.invoke(klarwert, ["breach", *arguments], env=environment)
        assert done.exit_code == 0, done.output
        return done.output

    run("record", "--nature", "availability", "--people", "3", "--facts", "A disk was lost.")
    assert "availability, 3 people" in run("list")
    assert "A disk was lost." in run("draft", "1", "--lang", "de")
    run("told", "1", "--to", "authority")
    run("close", "1", "--people-not-told-because", "Nothing was disclosed.")

    assert "closed" in run("list")
    with sqlite_house.open_reading_vault("operator") as vault:
        assert len(breaches(vault)) == 1
        with pytest.raises(BreachUnknown):
            require_breach(vault, 2)
