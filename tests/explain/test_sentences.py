"""The sentences of an explanation: each key used, none missing, and true to the numbers beside them."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings

from explain.changes import StepKind, changes
from explain.composition import explain
from explain.counterfactual.answers import Counterfactual
from explain.explanation import Ending, Past, PastStatus, Recourse, Supplier
from explain.reasons import ReasonKind
from explain.sentences import Told, tell
from explain.statement import catalog
from explain.wording import Language
from model.curve import Origin
from model.inputs import Criterion
from model.scoring import score_records
from model.units import Figure
from sources.activity import ActivityRecord, Platform, Source
from sources.figure import CORRECTABLE, Provenance
from tests.explain.drawing import CARD, other_card, some_records
from tests.model.making import AS_OF, record, week

EXPLAIN = Path(__file__).resolve().parents[2] / "explain"
LITERAL = re.compile(r"""say(_count)?\(\s*"([a-z_-]+(?:\.[a-z_-]+)+)"[,)]""")
EN, DE = Language.EN, Language.DE


def families() -> set[str]:
    """Every key whose end is a value of the program."""
    parts = ("name", "measures", "input.one", "input.other", "piece", "beyond")
    changes_made = {*StepKind, *(status for status in PastStatus if status is not PastStatus.CHANGED)}
    return {
        *(f"network.{one}" for one in Platform),
        *(f"source.{one}" for one in Source),
        *(f"origin.{one}" for one in Origin),
        *(f"criterion.{one}.{part}" for one in Criterion for part in parts),
        *(f"reason.{one}" for one in ReasonKind),
        *(f"figure.{one}" for one in Figure),
        *(f"coverage.{one}" for one in Supplier),
        *(f"contest.{one}" for one in Recourse),
        *(f"metric.{one}" for one in CORRECTABLE),
        *(f"correction.{one}" for one in Provenance),
        *(f"change.{one}" for one in (*changes_made, "rose", "fell", "same", "withdrawn", "expired")),
        *(f"target.{form}{end}" for form in ("single", "change") for end in ("", "_weeks")),
        *(f"target.{why}" for why in ("not-controllable", "missing", "not-by-this-alone")),
        *(f"input.{form}" for form in ("week", "count")),
    }


def used() -> set[str]:
    keys = families()
    for file in EXPLAIN.glob("*.py"):
        for counted, key in LITERAL.findall(file.read_text(encoding="utf-8")):
            keys |= {f"{key}.one", f"{key}.other"} if counted else {key}
    return keys


def person() -> list[ActivityRecord]:
    weeks = [week(ago, posts=4, likes_received=90, reshares_received=12) for ago in range(30)]
    shared = [week(ago, likes_received=5200, replies_received=100) for ago in range(20, 40)]
    return [record(weeks=weeks, followers=3120), record(Platform.YOUTUBE, shared, followers=9000)]


def told(language: Language, *, target: int | None = None, past: Past | None = None) -> Told:
    result = score_records(CARD, person())
    return tell(explain(result, CARD, today=AS_OF, target=target, past=past, recipients=()), language)


def test_every_key_is_used_and_every_used_key_is_there() -> None:
    available = {key for key in catalog().keys(EN) if not key.startswith("card.")}

    assert available - used() == set()
    assert families() <= available


@given(records=some_records())
@settings(deadline=None, max_examples=30)
def test_whoever_it_is_every_part_can_be_said_in_both_languages(records: list[ActivityRecord]) -> None:
    about = explain(score_records(CARD, records), CARD, today=AS_OF)

    english, german = tell(about, EN), tell(about, DE)

    assert english.summary
    for part in ("summary", "up", "down", "singles", "together", "band", "coverage", "comparison"):
        assert len(getattr(english, part)) == len(getattr(german, part))
    assert all("{" not in line for line in (*english.summary, *english.singles, *english.coverage))


def test_the_summary_names_what_is_strong_weak_and_missing_without_calling_the_missing_weak() -> None:
    summary = " ".join(told(EN).summary)

    assert "It rests on 2 networks: X and YouTube." in summary
    assert "The data hold no figures for: Recognition." in summary
    assert "Recognition" not in summary.partition("Fewer points")[2].partition(".")[0]


def test_data_without_any_figure_say_nothing_about_a_person_and_the_summary_says_so() -> None:
    about = explain(score_records(CARD, [record()]), CARD, today=AS_OF)

    assert "says nothing about the person" in tell(about, EN).summary[-1]
    assert "sagt also nichts über die Person" in tell(about, DE).summary[-1]


def test_a_counterfactual_is_said_with_the_numbers_it_has() -> None:
    result = score_records(CARD, person())
    about = explain(result, CARD, today=AS_OF)
    found = about.counterfactuals.singles[Criterion.AMPLIFICATION]
    assert isinstance(found, Counterfactual)
    (change,) = found.changes

    english, german = (tell(about, language).singles[3] for language in (EN, DE))

    assert english == (
        f"Amplification: with {change.own_to:,.1f} instead of {change.own_from:.1f} reshares a week on X, "
        f"the score would be {found.score}."
    )
    assert german.startswith("Verbreitung: ")
    assert f"statt {change.own_from:.1f}".replace(".", ",") in german


def test_what_cannot_be_advised_says_why() -> None:
    about = explain(
        score_records(CARD, [record(weeks=[week(0, likes_received=50)])]), CARD, today=AS_OF, target=99
    )

    audience, _, conversation, _, appreciation, _ = tell(about, EN).singles

    assert "nothing is advised" in audience
    assert "more of it would not show" in conversation
    assert "not reachable by this alone" in appreciation
    assert "cannot be reached" in tell(about, EN).together[0]


def test_a_target_that_is_reached_already_is_said_once() -> None:
    assert told(EN, target=1).singles == ("A score of 1 is reached already.",)
    assert told(DE, target=1).together == ()


def test_the_steps_since_the_last_score_are_said_with_their_sign() -> None:
    before, after = score_records(other_card(), person()[:1]), score_records(CARD, person())
    past = Past(PastStatus.CHANGED, date(2026, 11, 1), changes(before, after, CARD))

    said = told(EN, past=past)

    assert said.past == (f"Since 1 November 2026 the score rose from {before.score} to {after.score}.",)
    assert any(line.startswith("New points card, ") for line in said.steps)
    assert any(re.fullmatch(r"YouTube was added, Audience: \+\d+\.\d points\.", line) for line in said.steps)


def test_what_rested_on_a_consent_that_ended_is_said_in_words_and_has_no_numbers() -> None:
    endings = (
        Ending(Platform.MASTODON, date(2026, 11, 3), is_withdrawn=True),
        Ending(Platform.REDDIT, date(2026, 11, 4), is_withdrawn=False),
    )

    said = told(DE, past=Past(PastStatus.UNREADABLE, endings=endings))

    assert "Die Einwilligung für Mastodon wurde am 3. November 2026 widerrufen." in said.past[1]
    assert "Die Einwilligung für Reddit endete am 4. November 2026." in said.past[2]
    assert said.steps == ()


@pytest.mark.parametrize(("language", "nobody"), [(EN, "Nobody outside"), (DE, "Niemand außerhalb")])
def test_who_received_it_and_how_to_contest_it_is_said(language: Language, nobody: str) -> None:
    said = told(language)

    assert said.recipients[0].startswith(nobody)
    assert len(said.recourse) == len(Recourse)
