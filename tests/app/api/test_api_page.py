"""docs/api.md lists every route of the API, and none that is not there."""

import re
from pathlib import Path

from flask import Flask

from app.api.openapi import document

PAGE = Path(__file__).resolve().parents[3] / "docs" / "api.md"


def test_the_page_lists_every_route_and_no_other(app: Flask) -> None:
    listed = re.findall(r"^\| `([A-Z]+ /\S*)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    routes = [
        f"{method.upper()} {path}" for path, methods in document(app)["paths"].items() for method in methods
    ]
    assert sorted(listed) == sorted(routes)
