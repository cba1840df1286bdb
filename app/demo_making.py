"""Makes the installation of a demo, beside its place, and moves it there once it is whole.

    <home>-unfinished   keys, databases, some months   ->   closed   ->   renamed to   <home>

A crash leaves the unfinished one, which the next start throws away: half a demo would be a log in which
nobody looked for days, and its rules would say so.
"""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from logging import ERROR

from app.config import Config, read_config
from app.demo_life import first_moment
from app.demo_months import DAYS, fill_demo
from app.logs import configure_logs
from app.setup import open_checked, prepare
from app.transaction import system_clock

Told = Callable[[int], None]  # called with how many days were lived through since last time


def is_made(config: Config) -> bool:
    """Whether there is a demo in this place, of whatever age."""
    return config.secrets.is_dir()


def make_demo(config: Config, days: int = DAYS, told: Told = lambda _: None) -> None:
    """Make a demo in a place where there is none.

    Args:
        days: how many are lived through before today; a week is enough for the pages of brands.
    """
    home = config.home
    unfinished = home.with_name(f"{home.name}-unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    placed = read_config({**os.environ, "KLARWERT_HOME": str(unfinished)})
    made = replace(placed, public_url=config.public_url, demo=True)
    prepare(made, first_moment(system_clock().date(), days))
    with closing(open_checked(made)) as house, _undisturbed():
        fill_demo(house, days, told)
    unfinished.rename(home)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """What happened weeks ago is no news to who starts the demo; and collecting takes a tenth of the time."""
    configure_logs(ERROR)
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        configure_logs()
