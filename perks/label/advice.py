"""A verdict in words for the creator: how the post fares, the rule behind it, what would do, and how long."""

from pathlib import Path

from explain.wording import Language, Words
from perks.label.check import Outcome, Verdict
from perks.label.post import Format, Post
from perks.label.rules import Kind, rules_of

CATALOGS = Path(__file__).parent / "words"
WORDS = Words(CATALOGS)


def sentences(post: Post, verdict: Verdict, language: Language) -> list[str]:
    """What is said in the reader's language; the label suggested stays in the language of the post."""
    told = [WORDS.say(f"outcome.{verdict.outcome}", language), verdict.rule.says[language]]
    if verdict.outcome is Outcome.OK:
        return told
    if verdict.rule.kind in {Kind.DENIED, Kind.DISGUISE}:
        told.append(WORDS.say(f"advice.{verdict.rule.kind}", language))
    told.append(WORDS.say(_place(post), language, label=verdict.suggestion))
    return [*told, WORDS.say("term.mend", language, hours=verdict.fix_hours)]


def _place(post: Post) -> str:
    if post.format is not Format.VIDEO:
        return f"advice.{post.format}"
    return f"advice.video.{'stays' if rules_of(post.country).moving[post.format].stays else 'opens'}"
