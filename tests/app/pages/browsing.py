"""A browser without scripts: follows links, fills in the forms that are on the page, keeps cookies."""

import io
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.people import Person


@dataclass
class FormOnPage:
    """One form: where it goes, and what it would send if only its button were pressed."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[FormOnPage] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag == "form":
            self.forms.append(FormOnPage(given.get("action") or "", given.get("method") or "get"))
        elif tag == "input" and self.forms and given.get("type") in ("hidden", "email"):
            self.forms[-1].fields[given["name"] or ""] = given.get("value") or ""
        elif tag == "button" and self.forms and given.get("name"):
            self.forms[-1].buttons.append((given["name"] or "", given.get("value") or ""))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


class Page:
    """An answer, read."""

    def __init__(self, answer: TestResponse) -> None:
        self.status = answer.status_code
        self.requests = 1 + len(answer.history)  # those it took, redirects and all
        self.path = answer.request.path
        self.headers = answer.headers
        self.html = answer.text
        reader = _Reader()
        reader.feed(self.html)
        self.forms, self.tags = reader.forms, reader.tags
        self.text = re.sub(r"\s+", " ", " ".join(reader.words))

    def form(self, action: str, **hidden: str) -> FormOnPage:
        """The one form that goes to an address and holds these hidden values."""
        (found,) = [
            form for form in self.forms if form.action == action and hidden.items() <= form.fields.items()
        ]
        return found


class Browser:
    """One person's browser at one application."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def open(self, address: str, **headers: str) -> Page:
        return Page(self.client.get(address, headers=headers, follow_redirects=True))

    def send(self, form: FormOnPage, headers: dict[str, str] | None = None, **filled: Any) -> Page:
        """Fill in a form and press its button; a file is given as bytes."""
        data = {**form.fields, **filled}
        files = {
            name: (io.BytesIO(value), "archive.zip")
            for name, value in data.items()
            if isinstance(value, bytes)
        }
        return Page(
            self.client.post(
                form.action,
                data={**data, **files},
                content_type="multipart/form-data" if files else None,
                headers=headers,
                follow_redirects=True,
            )
        )

    def sign_in(self, person: Person, wanted: str = "/sign-in") -> Page:
        page = self.open(wanted)
        return self.send(page.form("/sign-in"), address=person.address, password=person.password)
