"""A form is a schema: unknown and repeated fields are refused, because nobody asked for them.

What a field lacks is said beside it, in the person's language: the words are `form.<field>_error`.
"""

from collections.abc import Callable
from typing import Any

from flask import request
from marshmallow import RAISE, Schema, ValidationError
from werkzeug.exceptions import UnprocessableEntity

TOKEN_FIELD = "csrf_token"


class Form(Schema):
    """The base of every form's schema."""

    class Meta:
        """Nothing is ignored."""

        unknown = RAISE


class FormUnexpected(UnprocessableEntity):
    """A form with fields it does not have, twice the same one, or hidden values that are not ours."""


def only(is_fit: Callable[[str], bool]) -> Callable[[str], None]:
    """A validator from a plain fact; marshmallow takes no `False` for an answer."""

    def check(value: str) -> None:
        if not is_fit(value):
            raise ValidationError("Not a value of this field.")

    return check


def read_form(form: Form) -> tuple[dict[str, Any], frozenset[str]]:
    """The values of a form, and the names of the fields that cannot be used.

    Raises:
        FormUnexpected: an unknown or a repeated field.
    """
    sent = {name: values for name, values in request.form.lists() if name != TOKEN_FIELD}
    if not sent.keys() <= form.fields.keys() or any(len(values) > 1 for values in sent.values()):
        raise FormUnexpected
    try:
        return form.load({name: values[0] for name, values in sent.items()}), frozenset()
    except ValidationError as error:
        return dict(error.valid_data or {}), frozenset(error.messages_dict)


def require_form(form: Form) -> dict[str, Any]:
    """The values of a form that only our own buttons fill.

    Raises:
        FormUnexpected: something else was sent.
    """
    values, unusable = read_form(form)
    if unusable:
        raise FormUnexpected
    return values
