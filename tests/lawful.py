"""What the auditor's rules find in the log of a house a test has worked with."""

from app.transaction import House
from audit.entry import parse
from audit.rules import Auditor, Promises
from audit.stored import StoredLog
from audit.violation import Rule


def unlawful(house: House) -> list[str]:
    """Every violation but for those of the clock and its terms, which tests set as they like."""
    auditor = Auditor(Promises(kek_days=99_999, retention_days=99_999))
    with house.open_reading_vault("system") as vault:
        log = StoredLog(vault.session)
        entries = enumerate(parse(body) for body, _ in log.entries(0, log.size))
        found = [one for index, entry in entries for one in auditor.look(index, entry)]
    found += auditor.finish()
    return [f"{one.rule}: {one.sentence}" for one in found if one.rule is not Rule.TIME_ORDER]
