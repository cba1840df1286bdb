"""Once a minute the last checkpoint is carried outside: to witnesses, then to places, then late is late."""

import structlog

from app.closings import gather_closings
from app.mail import Mailer
from app.outgoing import Outgoing, outgoing
from app.placing import place_checkpoint
from app.publishing import publication
from app.transaction import House
from app.witnessing import gather_cosignatures

_log = structlog.get_logger("klarwert.outside")


def carry_outside(house: House, mailer: Mailer, ways: Outgoing | None = None) -> None:
    """One round, unless another process is in one; an alarm where entries wait for longer than promised."""
    ways = ways or outgoing(house.config)
    if house.config.witness_policy is not None or house.config.checkpoint_places:
        with house.outside.round() as is_ours:
            if is_ours:
                gather_cosignatures(house, ways)
                gather_closings(house, ways)
                place_checkpoint(house, ways, mailer)
    found = publication(house)
    if found.is_late:
        seconds = int(max(found.delay, found.cosigned_delay).total_seconds())
        _log.error("merge_delay_exceeded", seconds=seconds, promised=house.config.merge_delay_seconds)
