"""What werkzeug and Jinja compile for every application is compiled once: the tests make hundreds.

A route becomes two small functions that depend on nothing but the route, a template becomes code that
depends on nothing but its text. Both are kept; the application around them is a new one for each test.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


class Templates(BytecodeCache):
    """Code of templates, by their name and the digest of their text."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key, bucket.checksum] = bucket.code


def once_a_route(compiling: Callable[[Rule, bool], Builder]) -> Callable[[Any, bool], Builder]:
    """The same functions, kept by everything they are made from."""
    known: dict[tuple[object, ...], Builder] = {}

    def compiled(rule: Any, append_unknown: bool = True) -> Builder:
        made_from = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
        if made_from not in known:
            known[made_from] = compiling(rule, append_unknown)
        return known[made_from]

    return compiled


@contextmanager
def compiling_once() -> Iterator[None]:
    """For as long as the block lasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": Templates()})
        patch.setattr(Rule, "_compile_builder", once_a_route(Rule._compile_builder))
        yield
