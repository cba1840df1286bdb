"""The operator's documents as Markdown, made from the code; `docs/` holds them, and a test compares.

What only a person can say (the controller's name, an officer's advice, the views of those concerned) is left
to them and said to be: the rest cannot drift from what runs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter

from rights.documents.catalogue import (
    Row,
    assessments,
    interests,
    measures,
    processors,
    risks,
    rows,
    ways_out,
)
from rights.documents.public_notice import WORDS, Part, PublicNotice
from rights.record_of_processing import render as record
from vault.holding import Holding, Term
from vault.holdings import data_tables, holding_of, key_tables

AGAIN = """\
Made from the code and compared with it by the tests; after a change:

```sh
.venv/bin/klarwert documents write
```
"""


def compliance() -> str:
    """Article, feature, test."""
    done = [row for row in rows() if row.tests]
    waiting = [row for row in rows() if not row.tests]
    return _page(
        "Compliance: article, feature, test",
        _table(
            ("provision", "demands", "here", "held by"),
            ((one.provision, one.demands, one.feature, _tests(one.tests)) for one in done),
        ),
        *(_waiting(waiting) if waiting else ()),
    )


def _waiting(rows: Sequence[Row]) -> tuple[str, str]:
    told = ((one.provision, one.demands, one.feature) for one in rows)
    return "## Not yet\n", _table(("provision", "demands", "state"), told)


def impact_assessment() -> str:
    """The assessment of Art. 35(7): operations, necessity, risks, measures."""
    return _page(
        "Data protection impact assessment",
        "What is processed, on which basis and how long: [data-map.md](data-map.md). The operator adds the "
        "advice of the data protection officer (Art. 35(2)) and the views of those concerned (Art. 35(9)).\n",
        "## Necessity and proportionality\n",
        _table(
            ("purpose", "why it is needed", "risks"),
            ((one.purpose, one.necessity, ", ".join(one.risks)) for one in assessments()),
        ),
        "## Risks to people, and what stands against them\n",
        _table(
            ("risk", "threat", "impact", "control", "likelihood left", "severity left", "held by"),
            (
                (
                    one.id,
                    one.threat,
                    one.impact,
                    one.control,
                    one.likelihood,
                    one.severity,
                    _tests(one.tests),
                )
                for one in risks()
            ),
        ),
    )


def security_measures() -> str:
    """Art. 32 and 30(1)(g)."""
    return _page(
        "Technical and organisational measures",
        "Each claim stands with tests that would fail without it. Physical security, staffing and how key "
        "files are handled are the operator's to add ([operating.md](operating.md)).\n",
        _table(
            ("area", "claim", "held by"), ((one.area, one.claim, _tests(one.tests)) for one in measures())
        ),
    )


def retention_schedule() -> str:
    """Art. 5(1)(e), 30(1)(f): every table with its term and who sees to it."""
    held = [(table.__tablename__, holding_of(table)) for table in data_tables()]
    held += [(table.__tablename__, holding_of(table)) for table in key_tables()]
    return _page(
        "Retention schedule",
        "One job carries out the third column (`rights/retention.py`) and leaves a proof in the log.\n",
        _table(
            ("table", "kept", "the job deletes"),
            (
                (f"`{name}`", holding.retained, _ends(holding))
                for name, holding in sorted(held, key=itemgetter(0))
            ),
        ),
    )


def legitimate_interests() -> str:
    """Art. 6(1)(f), rec. 47: each interest with how it was weighed, and when."""
    parts = []
    for one in interests():
        parts.append(f"## `{one.about}`\n")
        parts.append(f"Weighed on {one.weighed_on}.\n")
        steps = ("interest", "necessity", "balance", "safeguards", "outcome")
        parts.append(_table(("step", "finding"), ((name, getattr(one, name)) for name in steps)))
        parts.append(f"Held by {_tests(one.tests)}\n")
    return _page(
        "Legitimate interests, weighed",
        "One may object to each (Art. 21(1)): `rights/objection.py`. Everything else rests on consent, "
        "contract or a duty of law ([data-map.md](data-map.md)).\n",
        *parts,
    )


def processor_list() -> str:
    """Art. 28, 30(1)(d) and (e)."""
    return _page(
        "Processors and transfers",
        "Nothing leaves for a third country by default; one outside the EEA without a tool is refused.\n",
        _table(
            ("processor", "does", "country", "when", "transfer tool"),
            (
                (one.name, one.does, one.country, one.when, one.transfer_tool or "none needed")
                for one in processors()
            ),
        ),
        "## Ways out\n",
        "Every module that opens connections; a test finds any other.\n",
        _table(("module", "leads to"), ((f"`{one.module}`", one.leads_to) for one in ways_out())),
    )


def notice_page(notice: PublicNotice) -> str:
    """A public notice in its three layers (Art. 12(1), 13, 14)."""
    short, full, article = (
        WORDS.say(f"document.{word}", notice.language) for word in ("short", "full", "article")
    )
    parts = [line for part in notice.parts for line in _part(part, article)]
    return _page(
        notice.title, f"{notice.line}\n", f"## {short}\n", *_paragraphs(notice.short), f"## {full}\n", *parts
    )


DOCUMENTS: Mapping[str, Callable[[], str]] = {
    "compliance.md": compliance,
    "data-map.md": record,
    "dpia.md": impact_assessment,
    "legitimate-interests.md": legitimate_interests,
    "processors.md": processor_list,
    "retention.md": retention_schedule,
    "security-measures.md": security_measures,
}


def _page(title: str, *parts: str) -> str:
    return "\n".join((f"# {title}\n", AGAIN, *parts))


def _part(part: Part, article: str) -> Iterable[str]:
    yield f"### {part.title}\n"
    yield from _paragraphs(part.says)
    if part.names:
        yield "".join(f"- {name}\n" for name in part.names)
    yield f"{article}: {', '.join(part.articles)}\n"


def _paragraphs(texts: Iterable[str]) -> list[str]:
    return [f"{text}\n" for text in texts]


def _table(head: tuple[str, ...], body: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _tests(names: Iterable[str]) -> str:
    return "<br>".join(f"`{name}`" for name in names)


def _ends(holding: Holding) -> str:
    return "; or ".join(_term(one) for one in holding.ends) or "no: ends otherwise"


def _term(term: Term) -> str:
    if not term.after:
        return f"at `{term.column}`"
    days, rest = divmod(int(term.after.total_seconds()), 86_400)
    return f"{days} days after `{term.column}`" if days else f"{rest // 60} minutes after `{term.column}`"
