"""Pruning the log, in a transaction of its own, never beyond what was signed."""

from app.transaction import House
from audit.prune import is_due, prune


def prune_log(house: House) -> int:
    """Drop the bodies of log entries whose term is over; returns how many."""
    with house.open_reading_vault("system") as vault:
        if not is_due(vault):
            return 0
    covered = house.high_water.open(house.sign_checkpoint()).size
    with house.open_vault("system") as vault:
        return prune(vault, covered)
