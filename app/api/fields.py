"""Fields that take what JSON says and nothing that merely looks like it."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

FORBIDDEN = "\x00"  # PostgreSQL keeps no such text


class Text(fields.String):
    """A string that is text: no unpaired surrogate, which JSON can write and UTF-8 cannot, and no NUL."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if FORBIDDEN in text or any("\ud800" <= sign <= "\udfff" for sign in text):
            raise self.make_error("invalid_utf8")
        return text


class Truth(fields.Boolean):
    """`true` or `false`, and neither 1 nor "yes"."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return bool(super()._deserialize(value, attr, data, **kwargs))


class Count(fields.Integer):
    """A whole number that is written as one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, **kwargs)


class Instant(fields.AwareDateTime):
    """An aware UTC instant in RFC 3339, to the second or finer."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)
