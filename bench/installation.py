"""An installation to measure: prepared in a temporary directory, thrown away afterwards."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from app.accounts import sign_in
from app.config import read_config
from app.demo import demo_people, fill
from app.sessions import SessionKind
from app.setup import prepare
from app.transaction import House, open_house


@contextmanager
def installation(settings: Mapping[str, str] | None = None) -> Iterator[House]:
    """An open house with keys, databases and a log, and nobody in it."""
    with tempfile.TemporaryDirectory(prefix="klarwert-bench-") as home:
        config = read_config({"KLARWERT_HOME": home, **(settings or {})})
        prepare(config)
        house = open_house(config)
        try:
            yield house
        finally:
            house.data.dispose()
            house.keystore.dispose()


def bring_in_creators(house: House) -> str:
    """Let the demo's invented creators join and import; returns a bearer token of one with two networks."""
    fill(house)
    address, password = demo_people(house)[-1]
    return sign_in(house, address, password, SessionKind.API)


def environment_of(house: House) -> dict[str, str]:
    """What another process needs to open the same installation."""
    return {"KLARWERT_HOME": str(house.config.home), "KLARWERT_DEMO": "0"}


def scratch_directory() -> tempfile.TemporaryDirectory[str]:
    """A place for a peer's files, on the same disk as an installation."""
    return tempfile.TemporaryDirectory(prefix="klarwert-bench-")


def checkout() -> Path:
    """The root of the tree this package lies in."""
    return Path(__file__).resolve().parents[1]
