"""Plain HTML for pages that are read offline: no script, nothing loaded, readable at any width."""

from collections.abc import Iterable, Sequence
from html import escape

from explain.wording import Language

STYLE = """
:root{color-scheme:light dark;--line:#8a8a8a}
body{font:1.0625rem/1.55 system-ui,sans-serif;max-width:46rem;margin:0 auto;padding:1rem}
h1{font-size:1.7rem;line-height:1.2}h2{font-size:1.25rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line)}
.wide{overflow-x:auto}code{overflow-wrap:anywhere}dt{font-weight:600;margin-top:.6rem}dd{margin:0}
details{margin:.6rem 0}summary{cursor:pointer;font-weight:600;padding:.3rem 0}
:focus-visible{outline:3px solid;outline-offset:2px}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(title: str, body: str, language: Language) -> str:
    """A whole page; `body` is HTML already."""
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )


def section(title: str, body: str) -> str:
    """A part with its heading."""
    return f"<section><h2>{escape(title)}</h2>\n{body}</section>\n"


def folded(title: str, body: str) -> str:
    """A part that is opened by whoever wants it; no script is needed."""
    return f"<details><summary>{escape(title)}</summary>\n{body}</details>\n"


def paragraph(text: str) -> str:
    """A paragraph."""
    return f"<p>{escape(text)}</p>\n"


def bullets(lines: Iterable[str]) -> str:
    """A list of sentences."""
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>\n"


def link(path: str, text: str) -> str:
    """A link to a file beside the page."""
    return f'<a href="{escape(path)}">{escape(text)}</a>'


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Names and values."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs)
    return f"<dl>{rows}</dl>\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; its cells are HTML already."""
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>\n'
