"""Is this post labelled as advertising the way its country asks? A post in, a verdict out, never an error.

    ok         a label that suffices stands where it has to
    misplaced  a label that suffices, but too late, in a cloud of hashtags, or not on every frame
    unclear    something that hints, in words, a language or a form that do not suffice, or a denial
    missing    nothing

The verdict is for the creator, who gets a term to mend the post. It says nothing about their influence, and
no part of a score can read it: nothing here imports the model, and the model cannot import this floor. When
in doubt it is not “ok”: a warning costs a minute, a hidden advertisement a reprimand. No legal advice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from perks.label.finding import Find, Standing, find
from perks.label.placing import fold_of, in_cloud, is_early, is_first
from perks.label.post import Format, Post
from perks.label.reading import TURNING, Token, read
from perks.label.rules import CountryRules, Kind, Rule, rules_of
from perks.label.vocabulary import vocabulary

LONGEST = 30_000  # characters of all texts of a post; X allows 25 000
MOST_FRAMES = 100


class Outcome(StrEnum):
    """How a post fares; only `OK` lets a claim go on."""

    OK = "ok"
    MISPLACED = "misplaced"
    UNCLEAR = "unclear"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a post: in the text, or in a frame, from `start` to `end` in characters."""

    frame: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, the rule that led to it with its sources, where, and what would do instead.

    suggestion: words to put in front. fix_hours: the time to mend it, from the moment the verdict is told.
    """

    outcome: Outcome
    rule: Rule
    where: Where | None
    suggestion: str
    fix_hours: int


@dataclass(frozen=True, slots=True)
class _Finding:
    """What one text comes to."""

    outcome: Outcome
    rule: Rule
    where: Where | None


def check(post: Post) -> Verdict:
    """The verdict on a post, in time linear in its length."""
    rules = rules_of(post.country)
    found = _judge(post, rules)
    return Verdict(found.outcome, found.rule, found.where, rules.suggestion[post.language], rules.fix_hours)


def _judge(post: Post, rules: CountryRules) -> _Finding:
    if len(post.frames) > MOST_FRAMES or sum(map(len, (post.text, *post.frames))) > LONGEST:
        return _Finding(Outcome.UNCLEAR, rules.rule(Kind.LENGTH), None)
    caption = _assess(post, post.text, None, rules)
    frames = [_assess(post, text, number, rules) for number, text in enumerate(post.frames)]
    denials = [part for part in (caption, *frames) if part.rule.kind is Kind.DENIED]
    if denials:
        return denials[0]
    if post.format is Format.POST:
        return _or_platform(post, caption, rules)
    if post.format is Format.STORY:
        return _or_platform(post, _story(caption, frames, rules), rules)
    return _or_platform(post, _moving(post, caption, frames, rules), rules)


def _story(caption: _Finding, frames: Sequence[_Finding], rules: CountryRules) -> _Finding:
    """Every frame carries the label; without frames the text is the only one."""
    if not frames:
        return caption
    bare = [frame for frame in frames if frame.outcome is not Outcome.OK]
    if not bare:
        return frames[0]
    return _elsewhere(bare[0], (caption, *frames), rules.rule(Kind.FRAMES))


def _moving(post: Post, caption: _Finding, frames: Sequence[_Finding], rules: CountryRules) -> _Finding:
    """The label opens the picture and, where asked, stays; or the caption does where it is shown with it."""
    needs = rules.moving[post.format]
    opening = frames[0] if frames else None
    if opening is not None and opening.outcome is Outcome.OK and (post.stays or not needs.stays):
        return opening
    if caption.outcome is Outcome.OK and post.platform in needs.caption_on:
        return caption
    kind = Kind.VIDEO if post.format is Format.VIDEO else Kind.LIVE
    return _elsewhere(opening or caption, (*frames, caption), rules.rule(kind))


def _elsewhere(wanted: _Finding, parts: Sequence[_Finding], rule: Rule) -> _Finding:
    """What a post comes to whose label is not where it has to be: misplaced if there is one at all."""
    if wanted.rule.kind is Kind.DISGUISE:
        return wanted
    for outcome in (Outcome.OK, Outcome.MISPLACED):
        for part in parts:
            if part.outcome is outcome:
                return _Finding(Outcome.MISPLACED, rule, part.where)
    unclear = [part for part in (wanted, *parts) if part.outcome is Outcome.UNCLEAR]
    return unclear[0] if unclear else wanted


def _or_platform(post: Post, found: _Finding, rules: CountryRules) -> _Finding:
    if found.outcome is Outcome.MISSING and post.platform_label:
        return _Finding(Outcome.UNCLEAR, rules.rule(Kind.PLATFORM), None)
    return found


def _assess(post: Post, text: str, frame: int | None, rules: CountryRules) -> _Finding:
    """One text by itself: a caption, or the words of one frame."""
    tokens = read(text)
    finds = find(tokens, vocabulary(post.country, post.language, post.format))
    outcome, rule, at = _weigh(post, tokens, finds, rules, turned=TURNING.search(text) is not None)
    where = None if at is None else Where(frame, tokens[at.first].start, tokens[at.last].end)
    return _Finding(outcome, rule, where)


def _weigh(
    post: Post, tokens: Sequence[Token], finds: Sequence[Find], rules: CountryRules, *, turned: bool
) -> tuple[Outcome, Rule, Find | None]:
    """What the finds come to, and the one that decided; a denial outweighs a label, a label any hint."""
    by = {standing: [one for one in finds if one.standing is standing] for standing in Standing}
    labels = by[Standing.SUFFICES]
    if by[Standing.DENIED]:
        return Outcome.UNCLEAR, rules.rule(Kind.DENIED), by[Standing.DENIED][0]
    if labels and not turned:
        return _placed(post, tokens, finds, labels, rules)
    if by[Standing.DISGUISED] or labels:
        return Outcome.UNCLEAR, rules.rule(Kind.DISGUISE), [*by[Standing.DISGUISED], *labels][0]
    if by[Standing.FALLS_SHORT]:
        hint = by[Standing.FALLS_SHORT][0]
        return Outcome.UNCLEAR, hint.rule or rules.rule(Kind.WORDING), hint
    if by[Standing.IN_HASHTAG]:
        return Outcome.UNCLEAR, rules.rule(Kind.HASHTAG), by[Standing.IN_HASHTAG][0]
    return Outcome.MISSING, rules.rule(Kind.MISSING), None


def _placed(
    post: Post, tokens: Sequence[Token], finds: Sequence[Find], labels: Sequence[Find], rules: CountryRules
) -> tuple[Outcome, Rule, Find]:
    """Whether one of the labels stands where it has to."""
    crowded = in_cloud(tokens, labels)
    for one in labels:
        early = rules.early_suffices and is_early(tokens, one, fold_of(post.platform))
        if one.first not in crowded and (early or is_first(tokens, finds, one)):
            return Outcome.OK, rules.rule(Kind.LABEL), one
    kind = Kind.CLOUD if len(crowded) == len(labels) else Kind.POSITION
    return Outcome.MISPLACED, rules.rule(kind), labels[0]
