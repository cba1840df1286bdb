"""What werkzeug, Jinja and SQLAlchemy compile for every application is compiled once; tests make hundreds.

A route is taken apart and becomes two small functions that depend on nothing but the route, a template
becomes code that depends on nothing but its text, a statement becomes SQL that depends on nothing but
the statement and the kind of database. All three are kept, also for the processes a test forks; the
application and the engines around them are new ones for each test.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Dialect
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

Compiling = Callable[..., Any]
STATEMENTS = 4_000  # of which the service has fewer
OF_A_ROUTE = ("_parts", "_trace", "_converters", "_build", "_build_unknown")


class Templates(BytecodeCache):
    """Code of templates, by their name and the digest of their text."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key, bucket.checksum] = bucket.code


def once_a_route(compiling: Callable[[Rule], None]) -> Callable[[Rule], None]:
    """The same parts and functions, kept by everything they are made from."""
    known: dict[tuple[object, ...], Rule] = {}

    def compiled(rule: Rule) -> None:
        assert rule.map is not None
        made_from = (
            rule.rule,
            rule.host,
            rule.subdomain,
            repr(rule.defaults),
            rule.merge_slashes,
            rule.map.host_matching,
            tuple(rule.map.converters.values()),
        )
        first = known.setdefault(made_from, rule)
        if first is rule:
            compiling(rule)
            return
        for name in OF_A_ROUTE[:3]:
            setattr(rule, name, getattr(first, name))
        for name in OF_A_ROUTE[3:]:
            setattr(rule, name, getattr(first, name).__func__.__get__(rule))
        rule.arguments |= first.arguments

    return compiled


def once_a_kind_of_database(compiling: Compiling) -> Compiling:
    """The same statements, kept by what SQLAlchemy keeps them by, for all databases of a kind."""
    known: LRUCache[Any, Any] = LRUCache(STATEMENTS)
    dialects: dict[tuple[object, ...], Dialect] = {}

    def compiled(statement: ClauseElement, dialect: Dialect, *, compiled_cache: Any, **more: Any) -> Any:
        if compiled_cache is not None:
            kind = (type(dialect), dialect.server_version_info)
            dialect, compiled_cache = dialects.setdefault(kind, dialect), known
        return compiling(statement, dialect, compiled_cache=compiled_cache, **more)

    return compiled


@contextmanager
def compiling_once() -> Iterator[None]:
    """For as long as the block lasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": Templates()})
        patch.setattr(Rule, "compile", once_a_route(Rule.compile))
        patch.setattr(
            ClauseElement, "_compile_w_cache", once_a_kind_of_database(ClauseElement._compile_w_cache)
        )
        yield
