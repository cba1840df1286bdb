"""What outsiders need to verify the log, where they look for it."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from audit.bundle import VERIFIER_NAME, verifier

pages = Blueprint("log_files", __name__, url_prefix="/log")


@pages.get(f"/{VERIFIER_NAME}")
def show_verifier() -> ResponseReturnValue:
    """The offline verifier in one file (docs/verifying.md)."""
    return Response(verifier(), mimetype="text/x-python")
