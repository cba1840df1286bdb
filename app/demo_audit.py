"""The auditor of a demo, and the one thing wrong in its log, put there on purpose, to be found.

THE VIOLATION: an entry says that the worker read a person's record for research, to which that person
never agreed (`record.read`, `research.train`; rule `no-consent`). No record is read: only the entry is made,
through the log like any other. Nothing outside a demo comes here.
"""

from uuid import UUID

from app.audit_room import Look, Reason
from app.demo_life import PASSWORD, Episode, Life
from app.demo_rights import DESK, REVIEWER
from app.staff import StaffRole, add_staff, staff
from app.transaction import House
from audit.entry import Action
from audit.log import append

AUDITOR = "auditor"
BROKEN_SCOPE = "research.train"
_ROUND = (
    (Look.HEALTH, None),
    (Look.RULES, None),
    (Look.SEARCH, None),
    (Look.SAMPLE, Reason.PLAN),
    (Look.FIGURES, None),
)


def demo_staff() -> tuple[tuple[str, str], ...]:
    """Alias and password of who checks the log of a demo, and of who answers requests."""
    return tuple((alias, PASSWORD) for alias in (AUDITOR, *DESK, REVIEWER))


def add_auditor(house: House) -> None:
    """Bring in the auditor, unless there is one."""
    if AUDITOR not in {member.alias for member in staff(house)}:
        add_staff(house, AUDITOR, StaffRole.AUDITOR, PASSWORD)


def rounds(life: Life) -> Episode:
    """The auditor's round, twice a week, and a report once a month; each look is an entry, as in the room."""
    add_auditor(life.house)
    number = 0
    while True:
        looks = (*_ROUND, (Look.REPORT, None)) if number % 8 == 0 else _ROUND
        for look, reason in looks:
            with life.house.open_vault("auditor", AUDITOR) as vault:
                append(vault, Action.AUDIT_LOOKED, scope=look.scope(reason))
        number += 1
        yield 4 if number % 2 else 3


def break_a_rule(house: House, subject_id: UUID) -> None:
    """Append the deliberate violation about somebody invented."""
    with house.open_vault("worker") as vault:
        append(vault, Action.RECORD_READ, subject_id=subject_id, scope=BROKEN_SCOPE, basis="gdpr-6-1-a")
