"""docs/labels.md, made from the rules: what each country asks, which words do, and on what sources."""

from collections.abc import Iterable, Iterator

from explain.wording import Language
from perks.label.post import Country, Format
from perks.label.rules import CountryRules, Labels, Source, all_sources, catalog, rules_of
from sources.activity import Platform

NAMES = {
    Country.DE: "Germany",
    Country.AT: "Austria",
    Country.GB: "United Kingdom",
    Country.US: "United States",
}
TONGUES = {Language.EN: "English", Language.DE: "German"}
SEEN = {"text": "the text itself", "page": "a page or part of it", "account": "somebody else's account"}
HEAD = """\
# Labels on sponsored posts: what is asked where

Made from `perks/label/rules/` and compared with it by the tests; after a change:

```sh
.venv/bin/klarwert documents write
```

A post is checked by the words, their place and the format; the verdict is `ok`, `misplaced`, `unclear` or
`missing`, names the rule that led to it and suggests words that do. It is told to the creator, who has
some hours to mend the post; it has no part in any score. The checker reads what it is given: size,
colour, contrast and speed of a label it cannot see. When in doubt it does not say `ok`. This is what we
found in the sources below on the days given there, in our own words, and no legal advice. Rules marked
“our reading” apply a source to a case it does not name; where a source was seen only through somebody
else's account, the list says so.
"""
WHEREVER = """\
## Wherever the post is

- A word such as “Anzeige” counts only where a label stands: at the start of text, line, sentence or bracket,
  or after “this post is an”, with a mark, an account, a hashtag or nothing after it. Elsewhere it is a word.
- A hashtag among three or more hashtags, accounts and links in a row is a cloud.
- A label of look-alike, invisible or direction-changing characters is a disguise.
- “Not an ad”, “unbezahlte Werbung” and their like, anywhere in the post, undo every label.
- In front means: nothing before it but marks and emojis, two line ends, and words that lead in.
"""


def labels() -> str:
    """The whole document."""
    return "\n".join([HEAD, WHEREVER, *map(_country, Country), _folds(), _sources(all_sources().values())])


def _country(country: Country) -> str:
    rules = rules_of(country)
    lines = [f"## {NAMES[country]}", "", *_words(rules), *_placing(rules), "", *_rules(rules), ""]
    return "\n".join(lines)


def _words(rules: CountryRules) -> Iterator[str]:
    for language in Language:
        entries = [labels for labels in rules.labels if language in labels.languages]
        words = sorted({named for labels in entries for named in _named(labels)})
        yield f"- Enough in a post in {TONGUES[language]}: {', '.join(words)}."
        yield f"  We suggest “{rules.suggestion[language]}”."


def _named(labels: Labels) -> Iterator[str]:
    only = "" if set(labels.formats) == set(Format) else f" ({' and '.join(labels.formats)} only)"
    for word in (*labels.tags, *labels.anywhere):
        yield f"“{word}”{only}"


def _placing(rules: CountryRules) -> Iterator[str]:
    place = "early, before “more”, and not the end" if rules.early_suffices else "in front of everything"
    yield f"- Place in a post: {place}. In a story: so on every frame."
    for form in (Format.VIDEO, Format.LIVE):
        needs = rules.moving[form]
        where = "in the picture from the start" + (", and it stays or is repeated" if needs.stays else "")
        captions = ", ".join(platform.value for platform in needs.caption_on)
        instead = (
            f"; or first in the caption on {captions}" if captions else "; a caption alone is not enough"
        )
        yield f"- In a {'video' if form is Format.VIDEO else 'live stream'}: {where}{instead}."
    yield "- The platform's own label alone is not enough."
    yield f"- Time to mend a post: {rules.fix_hours} hours (ours; no source gives a term)."


def _rules(rules: CountryRules) -> Iterator[str]:
    yield "| rule | what it says | words | sources |"
    yield "|---|---|---|---|"
    for rule in rules.rules:
        groups = ", ".join(rule.groups)
        sources = ", ".join(source.id for source in rule.sources)
        says = rule.says[Language.EN] + (" (Our reading.)" if rule.ours else "")
        yield f"| `{rule.id}` | {says} | {groups} | {sources} |"


def _folds() -> str:
    folds = catalog("platforms")
    figures = ", ".join(f"{platform.value} {folds['characters'][platform.value]}" for platform in Platform)
    return (
        "## Where a caption folds\n\n"
        f"Characters seen before “more”, and never over {folds['lines']} lines: {figures}.\n"
        "The platforms do not publish these figures; ours are the lower ones among tools that measured,\n"
        "and they matter only in the United States.\n"
    )


def _sources(sources: Iterable[Source]) -> str:
    rows = [
        f"| {one.id} | [{one.title}]({one.address}) | {one.dated} | {SEEN[one.seen]} | {one.looked_on} |"
        for one in sources
    ]
    head = ["## Sources", "", "| id | title | date | we saw | on |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows, ""])
