"""The house as it stands open: engines, keys, clock; and `open_vault`, the only commit.

    journal -> log (one lock)   ->   commit   ->   keys destroyed   ->   checkpoint signed

Each arrow is a place where the machine may stop. Before the commit nothing happened. After it, an
order for keys lies in the database and the next start carries it out; a missing checkpoint is signed
with the next one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.config import Config
from audit.checkpoint import NoteSigner
from audit.highwater import HighWater
from audit.log import StoredLog, integrate
from vault.desk import Vault
from vault.destruction import KeyDestruction, carry_out
from vault.engine import leave_no_remnants, open_engine, writing
from vault.keys import KeyEncryptionKey, KeyRing, load_keys
from vault.keystore import KeyStore

Actor = Literal["subject", "worker", "operator", "system"]


def system_clock() -> datetime:
    """The present instant; everything else gets its time from the Vault."""
    return datetime.now(UTC)  # noqa: TID251  the one clock


@dataclass(frozen=True, repr=False)
class House:
    """What one process opens once."""

    config: Config
    keys: KeyRing
    data: Engine
    keystore: KeyStore
    high_water: HighWater
    receipts: NoteSigner
    clock: Callable[[], datetime]

    @contextmanager
    def open_vault(self, actor: Actor) -> Iterator[Vault]:
        """A transaction that may write: committed if the block ends well, undone if it raises."""
        with self._vault(writing(self.data), actor) as vault:
            try:
                yield vault
                vault.entry_indices = integrate(vault)
                vault.session.commit()
            finally:
                vault.close()
        if vault.destruction_ordered:
            self.destroy_ordered_keys()
        if vault.checkpoint_wanted:
            self.sign_checkpoint()

    @contextmanager
    def open_reading_vault(self, actor: Actor = "subject") -> Iterator[Vault]:
        """A transaction that only reads: a person looking at their own page writes nothing."""
        with self._vault(self.data, actor) as vault:
            try:
                yield vault
                if vault.journal:
                    raise RuntimeError("A reading transaction was asked to write a log entry.")
            finally:
                vault.close()

    def destroy_ordered_keys(self) -> None:
        """Carry out every committed order; idempotent, also run before anything is served."""
        with self._vault(writing(self.data), "system") as vault:
            carried_out = carry_out(vault)
            vault.session.commit()
        if carried_out:
            self.leave_no_remnants()

    def leave_no_remnants(self) -> bool:
        """Take deleted bytes out of both databases' files; False if a reader held it up."""
        return all(
            (
                self.keystore.leave_no_remnants(),
                leave_no_remnants(self.data, "subject", "consent_record", KeyDestruction.__tablename__),
            )
        )

    def sign_checkpoint(self) -> str:
        """Sign the committed head of the log, if it is news; returns the checkpoint in force."""
        with Session(self.data) as session:
            return self.high_water.sign(StoredLog(session))

    def close(self) -> None:
        """Close every connection."""
        self.data.dispose()
        self.keystore.dispose()

    @property
    def log_key(self) -> str:
        """The verifier key of the log's checkpoints."""
        return self.high_water.verifier_key

    @contextmanager
    def _vault(self, engine: Engine, actor: Actor) -> Iterator[Vault]:
        with Session(engine, expire_on_commit=False) as session:
            yield Vault(session, self.keystore, self.clock, actor, self.config.log_origin)


def open_house(config: Config, clock: Callable[[], datetime] = system_clock) -> House:
    """Open databases and keys that were set up before (setup.py).

    Raises:
        KeyFileRefused: a key file is missing, too open, or not the one that was used.
    """
    keys = load_keys(config.secrets)
    keystore = KeyStore(open_engine(config.keys_url), KeyEncryptionKey(keys.kek), keys.index)
    return House(
        config=config,
        keys=keys,
        data=open_engine(config.data_url),
        keystore=keystore,
        high_water=HighWater(config.high_water, NoteSigner(config.log_origin, keys.log)),
        receipts=NoteSigner(config.log_origin.replace("/klarwert-log", "/klarwert-receipts"), keys.receipt),
        clock=clock,
    )
