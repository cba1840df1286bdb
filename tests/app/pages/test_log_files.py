"""What outsiders fetch to verify the log."""

from app.web import create_app
from audit.bundle import verifier


def test_the_verifier_is_there_for_everybody_as_it_lies_in_every_export(sqlite_house):
    answer = create_app(sqlite_house).test_client().get("/log/verify.py")

    assert (answer.status_code, answer.mimetype, answer.data) == (200, "text/x-python", verifier())
