"""An explanation in sentences, one language at a time: a summary, then its parts.

The summary alone can be read without any table. Criteria: statement.py; figures: figure_sentences.py. No
sentence mentions another person.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from explain.changes import Changes, Step
from explain.explanation import Explanation, Past, PastStatus, Recourse
from explain.figure_sentences import say_coverage, say_singles, say_together
from explain.reasons import Reason, ReasonKind
from explain.statement import CriterionStatement, catalog, state_criterion
from explain.voice import Voice
from explain.wording import Language
from sources.activity import Metric
from sources.figure import CorrectedFigure, Figure

NAMED_IN_SUMMARY = 2


@dataclass(frozen=True, slots=True)
class Told:
    """Sentences, part by part; `singles` and `together` are the counterfactuals."""

    summary: tuple[str, ...]
    earned: str
    criteria: tuple[CriterionStatement, ...]
    comparison: tuple[str, ...]
    up: tuple[str, ...]
    down: tuple[str, ...]
    singles: tuple[str, ...]
    together: tuple[str, ...]
    band: tuple[str, ...]
    coverage: tuple[str, ...]
    past: tuple[str, ...]
    steps: tuple[str, ...]
    recipients: tuple[str, ...]
    recourse: tuple[str, ...]
    corrections: tuple[str, ...]


def tell(about: Explanation, language: Language) -> Told:
    """Say an explanation; without an account nothing is said of the past and of recipients."""
    voice = Voice(catalog(), language)
    past = about.past
    return Told(
        summary=tuple(_summary(about, voice)),
        earned=_earned(about, voice),
        criteria=tuple(
            state_criterion(earned, given, voice)
            for earned, given in zip(about.earned, about.inputs, strict=True)
        ),
        comparison=tuple(_comparison(about, voice)),
        up=tuple(_reason(one, about, voice) for one in about.reasons.up),
        down=tuple(_reason(one, about, voice) for one in about.reasons.down),
        singles=tuple(say_singles(about.counterfactuals, voice)),
        together=tuple(say_together(about.counterfactuals, voice)),
        band=tuple(_band(about, voice)),
        coverage=tuple(line for one in about.coverage for line in say_coverage(one, voice)),
        past=tuple(_past(past, voice)) if past is not None else (),
        steps=say_steps(past.changes, voice) if past is not None and past.changes is not None else (),
        recipients=tuple(_recipients(about.recipients, voice)) if about.recipients is not None else (),
        recourse=tuple(voice.say(f"contest.{way}") for way in Recourse),
        corrections=tuple(_correction(one, voice) for one in about.corrections),
    )


def _summary(about: Explanation, voice: Voice) -> Iterator[str]:
    yield voice.say("headline.score", score=about.result.score)
    names = voice.networks(one.platform for one in about.coverage)
    yield voice.say_count("headline.networks", len(about.coverage), networks=names)
    if about.is_empty:
        yield voice.say("summary.empty")
        return
    most = sorted((one for one in about.earned if one.points > 0), key=lambda one: -one.points)
    if most:
        names = voice.criteria(one.criterion for one in most[:NAMED_IN_SUMMARY])
        yield voice.say("summary.strongest", names=names)
    yield from _compared(about, voice)
    if any(one.is_stale for one in about.coverage):
        yield voice.say("summary.stale")


def _earned(about: Explanation, voice: Voice) -> str:
    result = about.result
    points, criteria = result.score - result.base, len(result.criteria)
    return voice.say("headline.sum", base=result.base, points=points, criteria=criteria)


def _comparison(about: Explanation, voice: Voice) -> Iterator[str]:
    yield voice.say("baseline.reference", base=about.comparison.shown_base)
    for criterion, points in about.comparison.shown_values.items():
        yield voice.say("baseline.part", criterion=voice.criterion(criterion), points=voice.signed(points))


def _compared(about: Explanation, voice: Voice) -> Iterator[str]:
    low = [one for one in about.reasons.down if one.kind is not ReasonKind.MISSING]
    missing = [one.criterion for one in about.inputs if one.value is None]
    if about.reasons.up:
        yield voice.say("summary.up", names=voice.criteria(one.criterion for one in about.reasons.up))
    if low:
        yield voice.say("summary.down", names=voice.criteria(one.criterion for one in low))
    if not about.reasons.up and not about.reasons.down:
        yield voice.say("summary.level")
    if missing:
        yield voice.say("summary.missing", names=voice.criteria(missing))


def _reason(one: Reason, about: Explanation, voice: Voice) -> str:
    # The number that stands in the comparison beside it, rounded as there.
    points = abs(about.comparison.shown_values[one.criterion])
    return voice.say(f"reason.{one.kind}", criterion=voice.criterion(one.criterion), points=points)


def _band(about: Explanation, voice: Voice) -> Iterator[str]:
    band = about.band
    yield voice.say("headline.band", low=band.low, high=band.high)
    yield voice.say("band.lead", points=band.lead_points, count=band.right_in_100)
    yield voice.say("band.about", names=voice.criteria(band.learned))


def _past(past: Past, voice: Voice) -> Iterator[str]:
    change = past.changes
    if change is not None:
        way = "rose" if change.difference > 0 else "fell" if change.difference < 0 else "same"
        yield voice.say(f"change.{way}", day=past.since, before=change.before, after=change.after)
    elif past.status is not PastStatus.CHANGED:
        yield voice.say(f"change.{past.status}", day=past.since)
    for one in past.endings:
        key = "change.withdrawn" if one.is_withdrawn else "change.expired"
        yield voice.say(key, network=voice.network(one.platform), day=one.ended_on)


def say_steps(change: Changes, voice: Voice) -> tuple[str, ...]:
    """Every step with the points it is worth; those shown add up to the difference shown."""
    lines = [_step(one, points, voice) for one, points in zip(change.steps, change.shown_points, strict=True)]
    if change.shown_rounding:
        lines.append(voice.say("change.rounding", points=voice.signed(change.shown_rounding)))
    return tuple(lines)


def _step(one: Step, points: float, voice: Voice) -> str:
    facts = {"criterion": voice.criterion(one.criterion), "points": voice.signed(points)}
    if one.platform is not None:
        facts["network"] = voice.network(one.platform)
    return voice.say(f"change.{one.kind}", **facts)


def say_metric(metric: Metric, voice: Voice) -> str:
    """The name of a figure that can be corrected."""
    return voice.say(f"metric.{metric}")


def say_figure(figure: Figure, voice: Voice) -> str:
    """Which figure it is: network, name and week."""
    facts: dict[str, object] = {
        "network": voice.network(figure.platform),
        "figure": say_metric(figure.metric, voice),
    }
    if figure.week is None:
        return voice.say("correction.figure", **facts)
    return voice.say("correction.figure_of_week", week=str(figure.week), **facts)


def _correction(one: CorrectedFigure, voice: Voice) -> str:
    return voice.say(
        f"correction.{one.provenance}",
        figure=say_figure(one.figure, voice),
        value=voice.count(one.value),
        superseded=voice.count(one.superseded),
        day=one.corrected_at.date(),
    )


def _recipients(recipients: tuple[str, ...], voice: Voice) -> Iterator[str]:
    if recipients:
        yield voice.say("recipient.some", names=", ".join(recipients))
    else:
        yield voice.say("recipient.none")
    yield voice.say("recipient.log")
