"""The ceiling of every request: a plain Flask hello; and the same view inside our own application."""

from flask import Flask, Response, jsonify

from app.serving import application


def hello() -> Response:
    return jsonify(message="hello")


def plain_application() -> Flask:
    """Flask with one view and nothing around it."""
    plain = Flask("plain")
    plain.add_url_rule("/hello", view_func=hello)
    return plain


def own_application() -> Flask:
    """The service with that view added, so that only what surrounds a request differs."""
    ours = application()
    if not isinstance(ours, Flask):
        raise TypeError("The service is no Flask application any more.")
    ours.add_url_rule("/hello", view_func=hello)
    return ours
