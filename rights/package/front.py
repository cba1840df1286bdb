"""The first page and README.txt: what is here in one look, then every file, then how to check it.

Written last, because they tell what the others wrote. Three layers: a summary, a part on each kind of
data, and the files themselves.
"""

from html import escape
from pathlib import Path

from consent.purpose import scope_of
from consent.record import decisions
from rights.package.copying import Copy
from rights.package.folder import About, Filed
from rights.package.html import bullets, facts, folded, link, page, paragraph, section, table
from rights.package.rows import left_out
from vault.subject import read_account, require_subject

VERIFY = Path(__file__).with_name("verify.py")
HELP = About("help", ("rights",), "the service")


def write_checking(copy: Copy) -> None:
    """The program that checks the copy, and the public key with where it is published."""
    copy.folder.add("verify.py", "text/x-python", (VERIFY.read_bytes(),), HELP)
    key = f"{copy.service.key}\n{copy.say('readme.key', url=copy.service.key_url)}\n"
    copy.folder.add_text("key.txt", "text/plain", key, HELP)


def write_readme(copy: Copy) -> None:
    """What is here, how to check it, whom to ask."""
    service = copy.service
    lines = [
        copy.say("page.title"),
        copy.say("page.made", day=copy.made_at.date(), reference=copy.reference),
        "",
        copy.say("readme.start"),
        *(f"  {name:24}{copy.say(f'readme.{word}')}" for name, word in FOLDERS.items()),
        "",
        copy.say("readme.check"),
        "  python3 verify.py",
        copy.say("readme.check_key", url=service.key_url),
        f"  python3 verify.py --key '{service.key}'",
        copy.say("readme.check_own"),
        "",
        _ask(copy),
        _complain(copy),
        "",
    ]
    copy.folder.add_text("README.txt", "text/plain", "\n".join(lines), HELP)


FOLDERS = {
    "index.html": "index",
    "context.json": "context",
    "data/": "data",
    "derived/": "derived",
    "consents/": "consents",
    "recipients/": "recipients",
    "access_log.jsonl": "access_log",
    "perks/": "perks",
    "portability/": "portability",
    "schemas/": "schemas",
    "manifest.json": "manifest",
    "not-included.json": "left_out",
}


def write_index(copy: Copy) -> None:
    """index.html."""
    service = copy.service
    body = "".join(
        (
            f"<h1>{escape(copy.say('page.title'))}</h1>",
            paragraph(copy.say("page.made", day=copy.made_at.date(), reference=copy.reference)),
            paragraph(copy.say("page.lead")),
            _summary(copy),
            section(copy.say("page.files"), paragraph(copy.say("page.files_text")) + _parts(copy)),
            section(copy.say("page.left_out"), bullets(_left_out(copy))),
            section(
                copy.say("page.check"),
                paragraph(copy.say("page.check_text"))
                + "<pre><code>python3 verify.py</code></pre>\n"
                + paragraph(copy.say("readme.check_key", url=service.key_url)),
            ),
            section(
                copy.say("page.questions"),
                paragraph(_ask(copy)) + paragraph(_complain(copy)),
            ),
        )
    )
    copy.folder.add_text("index.html", "text/html", page(copy.say("page.title"), body, copy.language), HELP)


def _ask(copy: Copy) -> str:
    controller = copy.service.controller
    return copy.say("page.ask", controller=controller.name, contact=controller.contact)


def _complain(copy: Copy) -> str:
    authority = copy.service.controller.authority
    return copy.say("page.complain", authority=authority.name, url=authority.url)


def _summary(copy: Copy) -> str:
    subject = require_subject(copy.vault, copy.subject_id)
    account = read_account(copy.vault, copy.permits["account"], subject)
    pairs = [
        (copy.say("page.address"), account.address),
        (copy.say("page.member_since"), copy.say("page.day", day=subject.created_at.date())),
        (copy.say("page.consents"), ", ".join(_in_force(copy)) or copy.say("page.none")),
    ]
    said = ""
    if "score" in copy.facts:
        score, shown, summary = copy.facts["score"]
        pairs.append(
            (copy.say("page.score"), copy.say("page.score_of", score=shown, day=score.computed_at.date()))
        )
        said = bullets(summary) + (
            f"<p>{link(f'derived/explanations/{score.id}.html', copy.say('page.explained'))}</p>\n"
        )
    return section(copy.say("page.summary"), facts(pairs) + said)


def _in_force(copy: Copy) -> list[str]:
    found: list[str] = []
    now = copy.made_at
    for purpose in sorted({scope_of(scope).purpose for scope in copy.permits}):
        for scope, latest in decisions(copy.vault, copy.subject_id, purpose).items():
            if latest.is_in_force(now):
                name = copy.house(f"purpose.{purpose}")
                found.append(f"{name} ({scope.about})" if scope.about else name)
    return found


def _parts(copy: Copy) -> str:
    """Every file by the kind of data it holds, folded."""
    groups: dict[str, list[Filed]] = {}
    for filed in copy.folder.files:
        groups.setdefault(filed.about.category, []).append(filed)
    heads = [copy.say(f"page.{word}") for word in ("file", "size", "purpose", "from")]
    return "".join(
        folded(
            _kind(copy, category),
            table(
                heads,
                [
                    (
                        link(filed.path, filed.path),
                        copy.say("page.bytes", count=filed.bytes),
                        escape(", ".join(filed.about.purpose)),
                        escape(filed.about.source),
                    )
                    for filed in files
                ],
            ),
        )
        for category, files in groups.items()
    )


def _kind(copy: Copy, category: str) -> str:
    if category in copy.facts["tables"].values() or category == "wrapped_dek":
        return copy.house(f"holding.{category}.what")
    return copy.say(f"kind.{category}")


def _left_out(copy: Copy) -> list[str]:
    return [
        f"{copy.house('holding.' + one['table'] + '.what')} ({one['what']}): {one['because']}"
        for one in left_out()
    ]
