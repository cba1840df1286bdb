"""The few pieces of HTML the model card is built from; everything given as text is escaped here.

Well-formed as XML as well: every element is closed, every attribute quoted.
"""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, name: str, about: str) -> str:
    """A table that scrolls by itself on a narrow screen, by keyboard too; a row's first cell heads it.

    name: its identifier in the page. about: what it shows, for who hears it instead of seeing it.
    """
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    return (
        f'<div class="wide" role="region" aria-label="{escape(about)}" tabindex="0">'
        f'<table id="{escape(name)}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def bullets(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def paragraphs(lines: Iterable[str]) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in lines)


def figure(svg: bytes, alternative: str, caption: str) -> str:
    """A drawing inside the page itself; as an image of its own, so that its identifiers meet no others."""
    source = b64encode(svg).decode()
    return (
        f'<figure><div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<img src="data:image/svg+xml;base64,{source}" alt="{escape(alternative)}"/></div>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )
