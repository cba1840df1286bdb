"""Ending every consent at once, as an erasure begins."""

from uuid import uuid4

from sqlalchemy import inspect

from consent.ending import withdraw_all
from consent.reconciliation import reconcile
from consent.record import ConsentRecord, Decision, history
from tests.people import give_consent


def test_a_no_to_newer_words_hides_no_consent_and_every_end_names_its_entry(sqlite_house, person):
    give_consent(sqlite_house, person)
    with sqlite_house.open_vault("subject") as vault:
        (given,) = history(vault, person.subject_id)
        kept = {one.key: getattr(given, one.key) for one in inspect(ConsentRecord).column_attrs}
        no = {"id": uuid4(), "number": 2, "decision": Decision.REFUSED, "log_entry_id": None}
        vault.session.add(ConsentRecord(**(kept | no)))

    with sqlite_house.open_vault("subject") as vault:
        assert withdraw_all(vault, person.subject_id) == 1

    with sqlite_house.open_reading_vault("operator") as vault:
        *_, last = history(vault, person.subject_id)
        found = [one.difference.name for one in reconcile(vault)]
    assert (last.number, last.decision) == (3, Decision.WITHDRAWN)
    assert found == ["UNLOGGED"]  # the no, which no entry is about here
