"""The parts of an explanation that speak of figures: inputs, what other figures would give, coverage."""

from collections.abc import Iterator

from explain.counterfactual.answers import Counterfactual, Counterfactuals, Unreachable, WhyUnreachable
from explain.counterfactual.input_change import InputChange
from explain.explanation import Coverage, CriterionInput, NetworkFigure
from explain.voice import Voice
from model.band import PER_WEEK
from model.inputs import Criterion
from model.units import SetBy


def say_input(one: CriterionInput, voice: Voice) -> Iterator[str]:
    """What each network gives for a criterion and how it counts, or why it gives nothing."""
    for figure in one.networks:
        yield " ".join(_figure(one.criterion, figure, voice))


def _figure(criterion: Criterion, one: NetworkFigure, voice: Voice) -> Iterator[str]:
    network = voice.network(one.platform)
    if one.unit is None:
        yield voice.say("input.none", network=network)
        return
    name = voice.say(f"figure.{one.unit.figure}")
    if one.own is None or one.common is None:
        yield voice.say("input.missing", network=network, figure=name)
        return
    form = "week" if criterion in PER_WEEK else "count"
    source = voice.source(one.source, one.as_of)
    yield voice.say(f"input.{form}", network=network, value=voice.count(one.own), figure=name, source=source)
    if criterion is Criterion.CONSISTENCY:
        if one.common != one.own:
            yield voice.say("input.shared", common=voice.count(one.common))
    elif one.unit.set_by is SetBy.ONE_FOR_ONE:
        yield voice.say("input.one-for-one")
    else:
        factor, common = voice.count(one.unit.factor), voice.count(one.common)
        yield voice.say("input.matched", factor=factor, common=common)


def say_singles(asked: Counterfactuals, voice: Voice) -> Iterator[str]:
    """One answer for each criterion; where the target is reached already, that alone."""
    if asked.score >= asked.target:
        yield voice.say("target.already-reached", score=asked.target)
        return
    for criterion, found in asked.singles.items():
        if isinstance(found, Counterfactual):
            (change,) = found.changes
            yield _change("target.single", change, voice, score=found.score)
        else:
            yield _unreachable(criterion, found, asked, voice)


def say_together(asked: Counterfactuals, voice: Voice) -> Iterator[str]:
    """The least effort over several criteria, introduced by its first sentence."""
    found = asked.least_effort
    if isinstance(found, Counterfactual):
        yield voice.say("target.together", score=found.score)
        for change in found.changes:
            yield _change("target.change", change, voice, points=change.points)
    elif found.reason is not WhyUnreachable.ALREADY_REACHED:
        best = asked.score if found.highest_score is None else found.highest_score
        yield voice.say("target.not-reachable", score=asked.target, best=best)


def say_answer(
    criterion: Criterion | None, found: Counterfactual | Unreachable, score: int, voice: Voice
) -> Iterator[str]:
    """One answer by itself: what one criterion alone, or several with the least effort, would have to be.

    Args:
        criterion: the one that shall change; None: whichever take the least effort.
        score: what was asked about, or the present score where the criterion's own points were.
    """
    if isinstance(found, Unreachable):
        reason = found.reason if criterion is not None else WhyUnreachable.NOT_REACHABLE
        best = score if found.highest_score is None else found.highest_score
        name = voice.criterion(criterion) if criterion is not None else ""
        yield voice.say(f"target.{reason}", criterion=name, best=best, score=score)
    elif criterion is not None and len(found.changes) == 1:
        yield _change("target.single", found.changes[0], voice, score=found.score)
    else:
        yield voice.say("target.together", score=found.score)
        for change in found.changes:
            yield _change("target.change", change, voice, points=change.points)


def _change(key: str, change: InputChange, voice: Voice, **facts: object) -> str:
    facts |= {"criterion": voice.criterion(change.criterion), "network": voice.network(change.platform)}
    if change.criterion is Criterion.CONSISTENCY:
        return voice.say(f"{key}_weeks", to=round(change.own_to), **{"from": round(change.own_from)}, **facts)
    return voice.say(
        key,
        to=voice.count(change.own_to),
        figure=voice.say(f"figure.{change.figure}"),
        **{"from": voice.count(change.own_from)},
        **facts,
    )


def _unreachable(criterion: Criterion, found: Unreachable, asked: Counterfactuals, voice: Voice) -> str:
    best = asked.score if found.highest_score is None else found.highest_score
    return voice.say(
        f"target.{found.reason}", criterion=voice.criterion(criterion), best=best, score=asked.target
    )


def say_coverage(one: Coverage, voice: Voice) -> Iterator[str]:
    """What a network's data cover, how old they are, and who supplied them."""
    network = voice.network(one.platform)
    yield voice.say("network.alone", network=network, score=one.score)
    if one.window is None:
        yield voice.say("network.undated", network=network)
    else:
        first, last = one.window.starts_on, one.window.ends_on
        yield voice.say("network.window", network=network, weeks=one.weeks_seen, first=first, last=last)
        yield voice.say_count("coverage.posts", round(one.posts), network=network)
    if one.as_of is not None:
        yield voice.say("coverage.day", network=network, day=one.as_of)
    yield voice.say(f"coverage.{one.supplied_by}", network=network)
    if one.is_stale and one.as_of is not None:
        yield voice.say("network.stale", network=network)
