"""Settings: a frozen dataclass read once from the environment; wrong ones stop the start with one message."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from app.witness_settings import Place, parse_place, read_policy
from audit.checkpoint import NoteVerifier
from audit.errors import VerifierKeyInvalid
from audit.witness_policy import Policy
from consent.controller import AUTHORITIES, UNNAMED, Authority, Controller
from vault.errors import DomainError

PLACES = frozenset(
    f"KLARWERT_{name}"
    for name in (
        "DATA_URL",
        "KEYS_URL",
        "SECRETS",
        "SPOOL",
        "HIGH_WATER",
        "ERASURES",
        "WITNESS_POLICY",
        "CHECKPOINT_PLACES",
    )
)
THREADS = 4  # of a server process: an upload takes one while it lasts, more contend for the interpreter
DEFAULT_PUBLIC_URL = "http://127.0.0.1:8000"
CONTROLLER = (
    "KLARWERT_CONTROLLER",
    "KLARWERT_CONTROLLER_ADDRESS",
    "KLARWERT_CONTROLLER_CONTACT",
    "KLARWERT_DPO",
    "KLARWERT_COUNTRY",
    "KLARWERT_AUTHORITY_NAME",
    "KLARWERT_AUTHORITY_URL",
)
SQLITE, POSTGRESQL = "sqlite+pysqlite:///", "postgresql+psycopg://"


class SettingInvalid(DomainError):
    """A setting cannot be used."""

    slug = "setting-invalid"
    title = "Setting cannot be used"


@dataclass(frozen=True, repr=False)
class Config:
    """Everything an operator may set; docs/operating.md lists the variables.

    data_url, keys_url: two databases, `sqlite+pysqlite:///…` or `postgresql+psycopg://…`.
    secrets: the directory of the key files; high_water: the file with the last signed checkpoint.
    erasures: the directory of the erasure ledger, outside every backup of the others.
    backup_days: how long the oldest backup is kept; notice_days: after how long without an answer from a
        recipient staff look after it.
    """

    home: Path
    data_url: str
    keys_url: str
    secrets: Path
    spool: Path
    high_water: Path
    erasures: Path
    public_url: str = DEFAULT_PUBLIC_URL
    log_origin: str | None = None  # how a new log is named; default: the public host
    smtp_url: str | None = None
    mail_from: str = "klarwert@localhost"
    max_upload_bytes: int = 20 * 1024**3
    lease_seconds: int = 30
    lift_notice_days: int = 14  # between telling a person that staff end a restriction, and ending it
    kek_days: int = 7  # how often the operator promises to replace the KEK: vault/epoch.py
    demo: bool = False
    trusted_proxies: int = 0
    backup_days: int = 35
    notice_days: int = 7
    known_issuers: tuple[str, ...] = ()  # verifier keys of other installations whose owner is known
    nameserver: str | None = None  # whom proofs of domains are asked of; default: whom the system asks
    controller: Controller = UNNAMED
    brand_reads: int = 20_000  # of all programs of one brand, in a day
    brand_writes: int = 2_000
    holidays: frozenset[date] = frozenset()  # no working days of the seat, for terms (Regulation 1182/71)

    witness_policy: Policy | None = None  # whom checkpoints are cosigned by, and how many are enough
    fails_closed: bool = False  # without enough of them nothing newer is published
    checkpoint_places: tuple[Place, ...] = ()  # where checkpoints are put
    merge_delay_seconds: int = 600  # so old at most does an entry get before a published checkpoint covers it
    has_log_outbox: bool = False  # readings get their place in the log after their commit (audit/outbox.py)

    @property
    def is_public(self) -> bool:
        """Whether anybody but this machine reaches it; then its controller must be named."""
        return urlsplit(self.public_url).hostname not in ("localhost", "127.0.0.1", "::1")

    @property
    def is_https(self) -> bool:
        """Whether people reach the service over TLS; decides on Secure cookies and HSTS."""
        return urlsplit(self.public_url).scheme == "https"


def read_config(environment: Mapping[str, str] = os.environ) -> Config:
    """Settings from `KLARWERT_*` variables.

    Raises:
        SettingInvalid: a value cannot be used; the message names the variable, never the value.
    """
    home = Path(environment.get("KLARWERT_HOME", "var")).absolute()
    public_url = environment.get("KLARWERT_PUBLIC_URL", DEFAULT_PUBLIC_URL).rstrip("/")
    parts = urlsplit(public_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingInvalid("KLARWERT_PUBLIC_URL must be an http or https address.")
    return Config(
        home=home,
        data_url=_database(environment, "KLARWERT_DATA_URL", home / "data" / "klarwert.sqlite3"),
        keys_url=_database(environment, "KLARWERT_KEYS_URL", home / "keystore" / "keys.sqlite3"),
        secrets=_path(environment, "KLARWERT_SECRETS", home / "secrets"),
        spool=_path(environment, "KLARWERT_SPOOL", home / "spool"),
        high_water=_path(environment, "KLARWERT_HIGH_WATER", home / "high-water" / "checkpoint"),
        erasures=_path(environment, "KLARWERT_ERASURES", home / "erasures"),
        public_url=public_url,
        log_origin=environment.get("KLARWERT_LOG_ORIGIN"),
        smtp_url=environment.get("KLARWERT_SMTP_URL"),
        nameserver=_name_server(environment),
        mail_from=environment.get("KLARWERT_MAIL_FROM", "klarwert@localhost"),
        max_upload_bytes=_number(environment, "KLARWERT_MAX_UPLOAD_BYTES", 20 * 1024**3),
        lease_seconds=_number(environment, "KLARWERT_LEASE_SECONDS", 30),
        lift_notice_days=_number(environment, "KLARWERT_LIFT_NOTICE_DAYS", 14),
        kek_days=_number(environment, "KLARWERT_KEK_DAYS", 7),
        demo=environment.get("KLARWERT_DEMO", "") == "1",
        trusted_proxies=_number(environment, "KLARWERT_TRUSTED_PROXIES", 0, least=0),
        backup_days=_number(environment, "KLARWERT_BACKUP_DAYS", 35),
        notice_days=_number(environment, "KLARWERT_NOTICE_DAYS", 7),
        known_issuers=_keys(environment, "KLARWERT_KNOWN_ISSUERS"),
        controller=_controller(environment),
        brand_reads=_number(environment, "KLARWERT_BRAND_READS", 20_000),
        brand_writes=_number(environment, "KLARWERT_BRAND_WRITES", 2_000),
        holidays=_days(environment, "KLARWERT_HOLIDAYS"),
        witness_policy=_policy(environment),
        fails_closed=_fails_closed(environment),
        checkpoint_places=_places(environment),
        merge_delay_seconds=_number(environment, "KLARWERT_MERGE_DELAY_SECONDS", 600),
        has_log_outbox=_log_outbox(environment),
    )


def _path(environment: Mapping[str, str], name: str, default: Path) -> Path:
    return Path(environment.get(name, default)).absolute()


def _database(environment: Mapping[str, str], name: str, default: Path) -> str:
    url = environment.get(name, f"{SQLITE}{default}")
    if not url.startswith((SQLITE, POSTGRESQL)):
        raise SettingInvalid(f"{name} must begin with {SQLITE} or {POSTGRESQL}")
    return url


def _log_outbox(environment: Mapping[str, str]) -> bool:
    """Whether readings go into the log by the outbox: `reads`, on PostgreSQL."""
    said = environment.get("KLARWERT_LOG_OUTBOX", "")
    is_possible = environment.get("KLARWERT_DATA_URL", "").startswith(POSTGRESQL)
    if said not in ("", "reads") or (said and not is_possible):
        raise SettingInvalid(f"KLARWERT_LOG_OUTBOX is `reads`, with a {POSTGRESQL} data database, or empty.")
    return bool(said)


def _name_server(environment: Mapping[str, str]) -> str | None:
    """An address with a port, where one is set."""
    said = environment.get("KLARWERT_NAMESERVER")
    if not said:
        return None
    try:
        parts = urlsplit(f"//{said}")
        ip_address(parts.hostname or "")
        is_fit = parts.port is not None and parts.netloc == said
    except ValueError:
        is_fit = False
    if not is_fit:
        raise SettingInvalid("KLARWERT_NAMESERVER must look like 192.0.2.1:53.")
    return said


def _number(environment: Mapping[str, str], name: str, default: int, *, least: int = 1) -> int:
    text = environment.get(name, str(default))
    if not text.isdecimal() or int(text) < least:
        raise SettingInvalid(f"{name} must be a whole number of at least {least}.")
    return int(text)


def _days(environment: Mapping[str, str], name: str) -> frozenset[date]:
    days = environment.get(name, "").replace(",", " ").split()
    try:
        return frozenset(map(date.fromisoformat, days))
    except ValueError:
        raise SettingInvalid(f"{name} must be days such as 2026-12-25, separated by commas.") from None


def _keys(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    keys = tuple(environment.get(name, "").split())
    try:
        return tuple(NoteVerifier.from_vkey(key).vkey() for key in keys)
    except VerifierKeyInvalid:
        raise SettingInvalid(f"{name} must be verifier keys of the form name+id+key.") from None


def _policy(environment: Mapping[str, str]) -> Policy | None:
    path = environment.get("KLARWERT_WITNESS_POLICY")
    policy = read_policy(path) if path else None
    if path and policy is None:
        raise SettingInvalid(
            "KLARWERT_WITNESS_POLICY must be a file of C2SP tlog-policy; witnesses have keys of Ed25519 "
            "cosignatures and https addresses."
        )
    return policy


def _fails_closed(environment: Mapping[str, str]) -> bool:
    said = environment.get("KLARWERT_WITNESS_FAIL", "open")
    if said not in ("open", "closed"):
        raise SettingInvalid("KLARWERT_WITNESS_FAIL must be open or closed.")
    return said == "closed"


def _places(environment: Mapping[str, str]) -> tuple[Place, ...]:
    places = [parse_place(one) for one in environment.get("KLARWERT_CHECKPOINT_PLACES", "").split()]
    if None in places:
        raise SettingInvalid(
            "KLARWERT_CHECKPOINT_PLACES must be file:/directory, post:https://…, put:https://… or mailto:…, "
            "separated by spaces."
        )
    return tuple(place for place in places if place is not None)


def _controller(environment: Mapping[str, str]) -> Controller:
    named = {name: environment.get(name, "").strip() for name in CONTROLLER}
    country = named["KLARWERT_COUNTRY"] or "DE"
    if country not in AUTHORITIES:
        raise SettingInvalid("KLARWERT_COUNTRY must be the two-letter code of a country of the EEA.")
    stated = [named[name] for name in CONTROLLER[:3]]
    if any(stated) and not all(stated):
        raise SettingInvalid("KLARWERT_CONTROLLER, its _ADDRESS and its _CONTACT belong together.")
    authority = (named["KLARWERT_AUTHORITY_NAME"], named["KLARWERT_AUTHORITY_URL"])
    if any(authority) and not (authority[0] and authority[1].startswith("https://")):
        raise SettingInvalid("KLARWERT_AUTHORITY_NAME and KLARWERT_AUTHORITY_URL (https) belong together.")
    own_authority = Authority(*authority) if all(authority) else None
    if not all(stated):
        return replace(UNNAMED, country=country, own_authority=own_authority)
    name, address, contact = stated
    dpo = named["KLARWERT_DPO"] or None
    return Controller(name, address, contact, dpo, country, own_authority, is_named=True)
