"""Prepares an installation: keys, both databases, log, first points card; brings an older one up to date.

Keys are made only together with an empty key store: a missing KEK beside stored keys, or beside the record
of one, is an accident to repair, not a reason for a new one. Serving only checks what this did, without
loading the migrations.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from importlib import resources
from pathlib import Path

from sqlalchemy import Engine, MetaData, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.config import Config, SettingInvalid
from app.erasing import finish_erasures, replay_ledger
from app.rotating import finish_rotation
from app.tables import DATA, KEYS
from app.transaction import House, open_house, system_clock
from audit.log import open_log
from consent.receipt_key import is_published, publish
from model.card import load_card
from model.release import active_card, record_first, releases, require_card, upcoming
from rights.erasure_ledger import ErasureLedger
from vault.engine import open_engine, writing
from vault.epoch import KekEpoch
from vault.errors import DomainError
from vault.keys import create_missing_keys
from vault.logkeys import destroy_older_log_keys
from vault.wrapped import SubjectKeys

STORES: dict[str, MetaData] = {"data": DATA, "keys": KEYS}


class SchemaOutdated(DomainError):
    """A database is not at the schema this version needs."""

    slug = "schema-outdated"
    title = "Database needs a migration"

    def __init__(self, store: str) -> None:
        super().__init__(f"The {store} database is not up to date; run `klarwert setup`.", store=store)


class DatabaseUnreachable(DomainError):
    """A database does not answer."""

    slug = "database-unreachable"
    title = "Database cannot be reached"

    def __init__(self, store: str) -> None:
        super().__init__(f"The {store} database cannot be reached; check its address.", store=store)


class AddressInUse(DomainError):
    """Something else listens where the service should."""

    slug = "address-in-use"
    title = "Address in use"

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"Something already listens on {host}:{port}; choose another --port.", port=port)


def prepare(config: Config, clock: Callable[[], datetime] = system_clock) -> None:
    """Make or update everything `serve` needs; doing it again changes nothing.

    Args:
        clock: when a new log begins; a demo begins some days ago.

    Raises:
        KeyFileRefused, DatabaseUnreachable: nothing was lost.
    """
    for directory in (config.home, config.spool, config.high_water.parent):
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _engines(config) as engines:
        for store, engine in engines.items():
            migrate(engine, store)
        if not _holds_keys(engines["keys"]):
            create_missing_keys(config.secrets)
    ErasureLedger(config.erasures).prepare()
    with closing(open_house(config, clock)) as house:
        house.keystore.begin_first_epoch(house.clock())
        with house.open_vault("system") as vault:
            open_log(vault)
            record_first(vault)
            publish(vault, house.consent_receipts.public)
        house.sign_checkpoint()


def prepare_if_needed(config: Config, clock: Callable[[], datetime] = system_clock) -> None:
    """`prepare`, unless everything is there and up to date: then the migrations are not even loaded."""
    with _engines(config) as engines:
        is_ready = all(_version(engine, store) == head(store) for store, engine in engines.items())
    if not is_ready or not config.secrets.is_dir():
        prepare(config, clock)


def open_checked(config: Config) -> House:
    """Open a prepared installation for serving: schema, KEK, card, log and ledger checked, crashes finished.

    Raises:
        SettingInvalid, SchemaOutdated, KeyFileRefused, CardRefused, LogRolledBack, LogForked,
            ErasureLedgerRefused: it must not be served so.
    """
    if config.is_public and not config.controller.is_named:
        raise SettingInvalid(
            "A service that others reach says who answers for it: set KLARWERT_CONTROLLER, "
            "KLARWERT_CONTROLLER_ADDRESS and KLARWERT_CONTROLLER_CONTACT."
        )
    house = open_prepared(config)
    try:
        house.keystore.begin_first_epoch(house.clock())
        house.keystore.check_kek()
        _check_cards(house)
        house.sign_checkpoint()  # proves first that the log still holds what was signed last
        while house.sequence():  # what waited for its place when the service ended
            pass
        destroy_older_log_keys(config.secrets, house.log_number)  # what a rotation that stopped left
        house.destroy_ordered_keys()
        finish_rotation(house)
        _publish_receipt_key(house)
        finish_erasures(house)
        replay_ledger(house)
    except DomainError:
        house.close()
        raise
    return house


def open_prepared(config: Config) -> House:
    """Open an installation whose databases this version can read, and check nothing else of it.

    For commands that are to work while something else is broken: the log's export, the state of keys.

    Raises:
        SchemaOutdated: nothing was set up there, or a database is behind, or ahead.
        KeyFileRefused, SettingInvalid: see `open_house`.
    """
    require_schema(config)
    return open_house(config)


def require_schema(config: Config) -> None:
    """Refuse databases that this version cannot work with.

    Raises:
        SchemaOutdated: one is behind, or ahead.
    """
    with _engines(config) as engines:
        for store, engine in engines.items():
            if _version(engine, store) != head(store):
                raise SchemaOutdated(store)


def head(store: str) -> str:
    """The newest revision among the migration files of one database."""
    folder = resources.files("migrations") / store
    return max(path.name.partition("_")[0] for path in folder.iterdir() if path.name.endswith(".py"))


def migrate(engine: Engine, store: str, revision: str = "head", *, down: bool = False) -> None:
    """Bring one database to a revision, up or down, in one transaction."""
    # Imported here: 1.8 CPU-seconds that serving does not need.
    from alembic import command
    from alembic.config import Config as AlembicConfig

    folder = Path(str(resources.files("migrations")))
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(folder))
    settings.set_main_option("version_locations", str(folder / store))
    settings.set_main_option("path_separator", "os")
    try:
        with writing(engine).begin() as connection:
            settings.attributes |= {"connection": connection, "metadata": STORES[store]}
            (command.downgrade if down else command.upgrade)(settings, revision)
    except SQLAlchemyError as error:
        if isinstance(error.__cause__, OSError) or "connect" in str(error):
            raise DatabaseUnreachable(store) from None
        raise


def _publish_receipt_key(house: House) -> None:
    """A receipt key that was exchanged is published before it signs; the one before stays published."""
    key = house.consent_receipts.public
    with house.open_reading_vault("system") as vault:
        if is_published(vault, key):
            return
    with house.open_vault("system") as vault:
        publish(vault, key)


def _check_cards(house: House) -> None:
    """Read every card that is or will be in force: a broken one is found now, not by the first person."""
    load_card()
    with house.open_reading_vault("system") as vault:
        if not releases(vault):  # a crash between the tables and the first card
            raise SchemaOutdated("data")
        active_card(vault)
        if (ahead := upcoming(vault)) is not None:
            require_card(vault, ahead.digest)


@contextmanager
def _engines(config: Config) -> Iterator[dict[str, Engine]]:
    engines = {"data": open_engine(config.data_url), "keys": open_engine(config.keys_url)}
    try:
        yield engines
    finally:
        for engine in engines.values():
            engine.dispose()


def _version(engine: Engine, store: str) -> str | None:
    try:
        if not inspect(engine).has_table("alembic_version"):
            return None
        with engine.connect() as connection:
            version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return version
    except SQLAlchemyError:
        raise DatabaseUnreachable(store) from None


def _holds_keys(engine: Engine) -> bool:
    with engine.connect() as connection:
        return any(
            connection.execute(select(column).limit(1)).first() is not None
            for column in (SubjectKeys.subject_id, KekEpoch.number)
        )
