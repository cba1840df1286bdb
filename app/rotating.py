"""Replaces the KEK of a house, and says so in the log; also finishes what a crash interrupted.

    rotation.py, up to the old KEK's end -> remnants out of the files -> log entry -> epoch finished

The entry is in the other database than the epoch. A crash between the two leaves the epoch unfinished, and
the next start writes the entry again: the log may say it twice, never not at all.
"""

from contextlib import suppress

import structlog

from app.transaction import Actor, House
from audit.entry import Action, Count
from audit.log import append
from vault.epoch import Epoch
from vault.errors import EnvelopeInvalid
from vault.kekfiles import RotationRunning, rotating_alone, sweep_leftovers
from vault.rotation import begin_epoch, destroy_returned, find_next, finish_epoch, is_unfinished, take_over

_log = structlog.get_logger("klarwert.rotation")


def rotate_keys(house: House) -> Epoch:
    """Replace the KEK in force now by a new one; returns the epoch that ended.

    Raises:
        RotationRunning: another process is at it.
        EnvelopeInvalid: a wrapped key was altered; the old KEK stays, and everything else works.
        KeyFileRefused: a key file is not fit to be used.
    """
    with rotating_alone(house.config.secrets):
        # First what was interrupted: the KEK it put in force is by now the one to be replaced.
        _finish(house, "operator")
        begin_epoch(house.keystore, house.clock())
        _finish(house, "operator")
    return house.keystore.epochs()[-2]


def finish_rotation(house: House) -> None:
    """Finish a rotation that a crash interrupted, if there is one and nobody else is at it."""
    if not is_unfinished(house.keystore):
        return
    # With both KEKs at hand everything opens: a row that somebody altered must not keep the service down.
    with suppress(RotationRunning), rotating_alone(house.config.secrets):
        try:
            _finish(house, "system")
            _log.warning("kek_rotation_finished")  # nobody read what the command would have said of copies
        except EnvelopeInvalid as refused:
            _log.error("kek_rotation_unfinished", problem=refused.slug)


def _finish(house: House, actor: Actor) -> None:
    store = house.keystore
    sweep_leftovers(house.config.secrets)
    store.keks.reload()
    if find_next(store) is not None:
        begin_epoch(store, house.clock())
    for old in store.epochs():
        if old.is_unfinished:
            take_over(store, old)
            store.leave_no_remnants()
            _tell(house, actor, old.number)
            finish_epoch(store, old, house.clock())
    destroy_returned(store)


def _tell(house: House, actor: Actor, number: int) -> None:
    (old,) = (epoch for epoch in house.keystore.epochs() if epoch.number == number)
    with house.open_vault(actor) as vault:
        append(vault, Action.KEYS_ROTATED, counts={Count.KEYS: old.rewrapped})
        vault.checkpoint_wanted = True
