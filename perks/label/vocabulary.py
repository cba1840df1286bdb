"""The words of one country, language and format, sorted for finding: phrases by first word, tags whole."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from explain.wording import Language
from perks.label.post import Country, Format
from perks.label.reading import fold, show
from perks.label.rules import CountryRules, Kind, Rule, catalog, rules_of

ACCOUNT, GAP = "@", "…"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that are, or only resemble, a label.

    plain, shown: its words as reading.py folds and shows them; "@" is an account, "…" a few words.
    suffices: in this country and language it is a label. deniable: “not …” turns it into its opposite.
    """

    plain: tuple[str, ...]
    shown: tuple[str, ...]
    rule: Rule
    suffices: bool
    anywhere: bool
    deniable: bool


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What is looked for."""

    by_first: Mapping[str, tuple[Phrase, ...]]  # longest first
    by_tag: Mapping[str, Phrase]
    beginnings: Mapping[str, Rule]
    endings: Mapping[str, Rule]
    longest_part: int


@dataclass(frozen=True, slots=True)
class Grammar:
    """The small words around a label; rules/wording.toml says what each list is for."""

    openings: frozenset[str]
    determiners: frozenset[str]
    subjects: frozenset[str]
    verbs: frozenset[str]
    articles: frozenset[str]
    joints: frozenset[str]
    relatives: frozenset[str]
    reasons: frozenset[str]
    negators: frozenset[str]
    fillers: frozenset[str]
    after: frozenset[str]
    innocent: frozenset[str]


@cache
def grammar() -> Grammar:
    data = catalog("wording")
    lists = {**data["leads"], **data["tails"], **data["denial"], "innocent": data["innocent"]["words"]}
    lists.pop("groups")
    return Grammar(
        **{name: frozenset(fold(word.replace(" ", "")) for word in words) for name, words in lists.items()}
    )


@cache
def vocabulary(country: Country, language: Language, form: Format) -> Vocabulary:
    """All phrases for one kind of post; what suffices there takes the place of what elsewhere does not."""
    rules = rules_of(country)
    phrases: dict[tuple[str, ...], Phrase] = {}
    beginnings: dict[str, Rule] = {}
    endings: dict[str, Rule] = {}
    for name, group in catalog("wording")["groups"].items():
        rule = _rule_for(rules, name, group, language)
        deniable = name in catalog("wording")["denial"]["groups"]
        phrases.update(_phrases(group, rule, suffices=False, deniable=deniable))
        beginnings.update({fold(word): rule for word in group.get("tag_beginnings", ())})
        endings.update({fold(word): rule for word in group.get("tag_endings", ())})
    for labels in rules.labels:
        if language in labels.languages and form in labels.formats:
            words = {"tags": labels.tags, "anywhere": labels.anywhere}
            phrases.update(_phrases(words, rules.rule(Kind.LABEL), suffices=True, deniable=True))
    return _sorted(phrases.values(), beginnings, endings)


def _rule_for(rules: CountryRules, name: str, group: Mapping[str, Any], language: Language) -> Rule:
    for rule in rules.rules:
        if name in rule.groups:
            return rule
    foreign = "language" in group and group["language"] != language.value
    return rules.rule(Kind.LANGUAGE if foreign else Kind.WORDING)


def _phrases(
    words: Mapping[str, Any], rule: Rule, *, suffices: bool, deniable: bool
) -> dict[tuple[str, ...], Phrase]:
    found = {}
    hashtags = [f"#{word}" for word in words.get("hashtags", ())]
    for anywhere in (False, True):
        for text in words.get("anywhere", ()) if anywhere else (*words.get("tags", ()), *hashtags):
            plain = tuple(word if word in {ACCOUNT, GAP} else fold(word) for word in text.split())
            shown = tuple(show(word.removeprefix("#")) for word in text.split())
            found[plain] = Phrase(plain, shown, rule, suffices, anywhere, deniable)
    return found


def _sorted(phrases: Iterable[Phrase], beginnings: dict[str, Rule], endings: dict[str, Rule]) -> Vocabulary:
    by_first: dict[str, list[Phrase]] = defaultdict(list)
    by_tag = {}
    for phrase in phrases:
        if not phrase.plain[0].startswith("#"):
            by_first[phrase.plain[0]].append(phrase)
        if not {ACCOUNT, GAP} & set(phrase.plain):
            by_tag[fold("".join(phrase.plain).removeprefix("#"))] = phrase
    return Vocabulary(
        {first: tuple(sorted(found, key=lambda one: -len(one.plain))) for first, found in by_first.items()},
        by_tag,
        beginnings,
        endings,
        max(map(len, (*beginnings, *endings)), default=0),
    )
