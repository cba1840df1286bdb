"""The house as it stands open: engines, keys, clock; and `open_vault`, the only commit.

    journal -> log (one lock)   ->   commit, on disk   ->   keys destroyed   ->   checkpoint signed

Each arrow is a place where the machine may stop. Before the commit nothing happened. After it, an
order for keys lies in the database and the next start carries it out; a missing checkpoint is signed
with the next one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, cast
from urllib.parse import urlsplit

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.config import Config, SettingInvalid
from audit.checkpoint import NoteSigner
from audit.highwater import HighWater
from audit.jws import JwsSigner
from audit.log import integrate, sequence
from audit.outside import Outside
from audit.stored import StoredLog, find_origin
from consent.access import note_denials
from consent.receipt_document import KIND, Issuer
from consent.register import PUBLISHED, Notices
from perks.ending import follow_ended
from perks.webhook import tell_of_notices
from rights.erasure_ledger import ErasureLedger
from rights.notice import KIND as NOTICE_KIND
from rights.notice import notify_of_ended_shares
from vault.desk import Vault
from vault.destruction import carry_out
from vault.engine import commit, leave_no_remnants, make_durable, open_engine, rewrite, writing
from vault.envelope import expand
from vault.errors import DomainError
from vault.holdings import personal_tables
from vault.kekfiles import Keks
from vault.keys import KeyRing, load_keys
from vault.keystore import KeyStore

Actor = Literal[
    "subject", "worker", "operator", "system", "staff", "reviewer", "auditor", "recipient", "visitor"
]


def system_clock() -> datetime:
    """The present instant; everything else gets its time from the Vault."""
    return datetime.now(UTC)  # noqa: TID251  the one clock


@dataclass(frozen=True, repr=False)
class House:
    """What one process opens once."""

    config: Config
    keys: KeyRing
    data: Engine
    writing_data: Engine  # the same database and pool, for transactions that will write
    keystore: KeyStore
    high_water: HighWater
    receipts: NoteSigner
    consent_receipts: JwsSigner
    notice_signer: JwsSigner
    erasures: ErasureLedger
    log_origin: str  # of the first log, under which references are made
    log_number: int  # of the log that goes on
    clock: Callable[[], datetime]
    notices: Notices = PUBLISHED  # the words people decide on

    @contextmanager
    def open_vault(self, actor: Actor, alias: str | None = None) -> Iterator[Vault]:
        """A transaction that may write: committed if the block ends well, undone if it raises."""
        with self._vault(self.writing_data, actor, alias) as vault:
            yield vault
            notify_of_ended_shares(vault)
            follow_ended(vault)
            tell_of_notices(vault)
            vault.flush()
            vault.entry_indices = integrate(vault)
            commit(vault.connection)
            vault.is_committed = True
        if vault.destruction_ordered:
            self.destroy_ordered_keys()
        if vault.checkpoint_wanted:
            self.sign_checkpoint()

    @contextmanager
    def open_reading_vault(self, actor: Actor = "subject", alias: str | None = None) -> Iterator[Vault]:
        """A transaction that only reads: a person looking at their own page writes nothing."""
        with self._vault(self.data, actor, alias) as vault:
            yield vault
            if vault.journal:
                raise RuntimeError("A reading transaction was asked to write a log entry.")

    def destroy_ordered_keys(self) -> None:
        """Carry out every committed order; idempotent, also run before anything is served."""
        with self._vault(self.writing_data, "system") as vault:
            self.make_durable()  # or a power cut could leave a key destroyed and no order for it
            carried_out = carry_out(vault)
            commit(vault.connection)
        if carried_out:
            self.leave_no_remnants()

    def leave_no_remnants(self) -> bool:
        """Take deleted bytes out of both databases' files; False if a reader held it up."""
        return all(
            (
                self.keystore.leave_no_remnants(),
                leave_no_remnants(self.data, *personal_tables()),
            )
        )

    def rewrite_files(self) -> bool:
        """What is left for bytes that `leave_no_remnants` does not reach; False if others held it up."""
        is_done = all([rewrite(self.keystore.engine), rewrite(self.data)])
        return self.leave_no_remnants() and is_done

    def sign_checkpoint(self) -> str:
        """Sign the committed head of the log, if it is news; returns the checkpoint in force."""
        with Session(self.data) as session:
            return self.high_water.sign(StoredLog(session, self.log_number), self.make_durable)

    def make_durable(self) -> None:
        """Wait until what this process can see of the data survives a power cut."""
        make_durable(self.data)

    def sequence(self) -> int:
        """Give committed entries that wait their place in the log; returns how many got one.

        One process does it at a time; another one returns 0 at once.
        """
        with self._vault(self.writing_data, "system") as vault:
            moved = sequence(vault)
            commit(vault.connection)
        return moved

    def close(self) -> None:
        """Close every connection."""
        self.data.dispose()
        self.keystore.dispose()

    @property
    def outside(self) -> Outside:
        """What others hold of the log."""
        return self.outside_of(self.log_number)

    def outside_of(self, number: int) -> Outside:
        """What others hold of one log, also of one that is closed."""
        return Outside(mark_path(self.config, number))

    @property
    def log_key(self) -> str:
        """The verifier key of the log's checkpoints."""
        return self.high_water.verifier_key

    def issuer(self) -> Issuer:
        """Who makes receipts, under the last signed checkpoint."""
        return Issuer(
            controller=self.config.controller,
            url=self.config.public_url,
            signer=self.consent_receipts,
            log_key=self.log_key,
            checkpoint=self.high_water.read(),
            notices=self.notices,
        )

    def adopt_log(self) -> None:
        """Sign the log as it is, where the mark was lost (audit/highwater.py)."""
        with Session(self.data) as session:
            self.high_water.adopt(StoredLog(session, self.log_number), self.make_durable)

    @contextmanager
    def _vault(self, engine: Engine, actor: Actor, alias: str | None = None) -> Iterator[Vault]:
        vault: Vault | None = None
        try:
            with engine.connect() as connection:
                vault = Vault(connection, self.keystore, self.clock, actor, self.log_origin, alias)
                vault.holidays = self.config.holidays
                vault.log_number = self.log_number
                vault.uses_outbox = self.config.has_log_outbox
                try:
                    yield vault
                finally:
                    vault.close()
        except DomainError:
            if vault is not None and vault.denials:
                self._note_denials(vault)
            raise

    def _note_denials(self, refused: Vault) -> None:
        """What the gate refused is undone with its transaction; that it was asked for stands on its own."""
        with self._vault(self.writing_data, cast(Actor, refused.actor), refused.alias) as vault:
            note_denials(vault, refused.denials)
            vault.flush()
            integrate(vault)
            commit(vault.connection)


def open_house(config: Config, clock: Callable[[], datetime] = system_clock) -> House:
    """Open databases and keys that were set up before (setup.py).

    Raises:
        KeyFileRefused: a key file is missing, too open, or not the one that was used.
        SettingInvalid: the log is to have another name than it was opened with.
    """
    data = open_engine(config.data_url, is_grouped=True)
    origin = _log_origin(config, data)
    number, name = _present_log(data, origin)
    keys = load_keys(config.secrets, number)
    high_water = HighWater(mark_path(config, number), NoteSigner(name, keys.log))
    _require_own(config, high_water)
    keystore = KeyStore(open_engine(config.keys_url), Keks(config.secrets), keys.index)
    return House(
        config=config,
        keys=keys,
        data=data,
        writing_data=writing(data),
        keystore=keystore,
        high_water=high_water,
        receipts=NoteSigner(f"{origin}/receipts", keys.receipt),
        # Derived, so that certificates and receipts share no key: neither can pass for the other.
        consent_receipts=JwsSigner(KIND, expand(keys.receipt, b"klarwert/consent-receipt/v1")),
        notice_signer=JwsSigner(NOTICE_KIND, expand(keys.receipt, b"klarwert/recipient-notice/v1")),
        erasures=ErasureLedger(config.erasures),
        log_origin=origin,
        log_number=number,
        clock=clock,
    )


def _present_log(data: Engine, origin: str) -> tuple[int, str]:
    """Number and name of the log that goes on; before there is one, those of the first."""
    with Session(data) as session:
        if find_origin(session) is None:
            return 1, origin
        log = StoredLog(session)
        return log.number, log.origin


def mark_path(config: Config, number: int) -> Path:
    """Each log has a mark of its own: that of a closed one stays as it was signed last."""
    return (
        config.high_water
        if number == 1
        else config.high_water.with_name(f"{config.high_water.name}-{number}")
    )


def _require_own(config: Config, high_water: HighWater) -> None:
    """A policy that names logs names this one, or outsiders would check nothing by it."""
    logs = () if config.witness_policy is None else config.witness_policy.logs
    if logs and high_water.verifier_key not in [log.vkey() for log in logs]:
        raise SettingInvalid("KLARWERT_WITNESS_POLICY names logs, and this installation's is not among them.")


def _log_origin(config: Config, data: Engine) -> str:
    """The name the first log was opened with; it never changes, whatever address the service moves to."""
    with Session(data) as session:
        stored = find_origin(session)
    host = urlsplit(config.public_url).hostname
    if stored is not None and config.log_origin not in (None, stored):
        raise SettingInvalid("KLARWERT_LOG_ORIGIN is not the name the log was opened with.")
    return stored or config.log_origin or f"{host}/klarwert-log/1"
