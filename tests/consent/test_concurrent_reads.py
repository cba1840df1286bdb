"""Fifty readers against one withdrawal: the log's order decides, and no read stands after it."""

from concurrent.futures import ThreadPoolExecutor, wait
from threading import Barrier

from audit.entry import Action, parse
from audit.stored import StoredLog
from consent.gate import permits_in_force
from consent.purpose import Purpose
from sources.activity import Platform
from sources.store import open_records
from tests.people import give_consent, import_archive, withdraw_consent, x_zip

READERS, LOOKS = 50, 3


def actions_about_x(house) -> list[Action]:
    """What the log holds about the scope, in its order."""
    with house.open_reading_vault("system") as vault:
        log = StoredLog(vault.session)
        told = [parse(body) for body, _ in log.entries(0, log.size)]
    return [one.action for one in told if one.scope == "score.compute/x"]


def test_no_read_is_dated_after_the_withdrawal_that_it_raced(house, person):
    give_consent(house, person)
    import_archive(house, person, Platform.X, x_zip())
    together = Barrier(READERS + 1, timeout=60)

    def look(_: int) -> int:
        """How often the records were there to be opened."""
        together.wait()
        seen = 0
        for _ in range(LOOKS):
            with house.open_vault("worker") as vault:
                permits = permits_in_force(vault, person.subject_id, Purpose.SCORE_COMPUTE)
                seen += bool(open_records(vault, permits))
        return seen

    def withdraw() -> None:
        together.wait()
        withdraw_consent(house, person)

    with ThreadPoolExecutor(READERS + 1) as people:
        looks = [people.submit(look, number) for number in range(READERS)]
        people.submit(withdraw).result()
        seen = sum(one.result() for one in looks)

    about = actions_about_x(house)
    ended = about.index(Action.CONSENT_WITHDRAWN)
    assert Action.RECORD_READ not in about[ended:]
    assert about[:ended].count(Action.RECORD_READ) >= seen


def test_a_withdrawal_waits_for_whoever_is_reading_and_comes_after_them(house, person):
    give_consent(house, person)
    import_archive(house, person, Platform.X, x_zip())

    with ThreadPoolExecutor(1) as elsewhere:
        with house.open_vault("worker") as vault:
            permits = permits_in_force(vault, person.subject_id, Purpose.SCORE_COMPUTE)
            assert open_records(vault, permits)
            withdrawal = elsewhere.submit(withdraw_consent, house, person)
            wait([withdrawal], timeout=1)
        withdrawal.result()

    about = actions_about_x(house)
    assert about[-1] == Action.CONSENT_WITHDRAWN
    assert about.count(Action.RECORD_READ) == 2  # the score's, and this one
