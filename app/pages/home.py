"""The first page, for strangers and for the person signed in; and whether the service is alive."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.current import find_signed_in, house
from app.erasing import is_ledger_followed
from app.pages.steps import next_step
from app.publishing import publication
from explain.report import score_report
from vault.engine import has_failed
from vault.subject import Subject

pages = Blueprint("home", __name__)


@pages.get("/")
def show() -> ResponseReturnValue:
    person = find_signed_in()
    if person is None:
        return render_template("home.html")
    with house().open_reading_vault() as vault:
        report = score_report(vault, person.subject_id)
    return render_template("overview.html", report=report, step=next_step(person.subject_id))


@pages.get("/healthz")
def tell_health() -> Response:
    with house().data.connect() as connection:
        connection.execute(select(Subject.id).limit(1))
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@pages.get("/readyz")
def tell_readiness() -> Response:
    """Not ready while an erasure this database does not know of stands in the ledger (app/erasing.py).

    Nor, where the log fails closed, while entries wait for longer than the maximum merge delay. Nor where
    the disk failed, until this process is started anew (vault/durability.py).
    """
    said, status = "ready\n", 200
    if publication(house()).is_late:
        said = "the log is published too late\n"
        status = 503 if house().config.fails_closed else 200
    if not is_ledger_followed(house()):
        said, status = "the erasure ledger has not been replayed\n", 503
    if has_failed(house().data):
        said, status = "the disk did not confirm a write\n", 503
    return Response(said, status, content_type="text/plain; charset=utf-8")
