"""The keys of logs: one each, made before its log is opened and destroyed once that is closed.

An old log needs its public key only, which stands in the database and in what others kept. Whoever finds
its private key later could sign another history of it, so it goes.
"""

from pathlib import Path

from vault.kekfiles import overwrite_and_remove
from vault.keys import create_key, log_key_name, log_key_numbers, sync_directory


def create_log_key(directory: Path, number: int) -> None:
    """Make the key of one log, durable with its name; one that is there, left by a crash, stays."""
    path = directory / log_key_name(number)
    if path.exists():
        return
    fresh = path.with_name(f"{path.name}.fresh")
    fresh.unlink(missing_ok=True)  # half written by a crash, and never used
    create_key(fresh)
    fresh.replace(path)
    sync_directory(directory)


def destroy_older_log_keys(directory: Path, number: int) -> None:
    """Overwrite and remove the keys of the logs before this one."""
    for older in log_key_numbers(directory):
        if older < number:
            overwrite_and_remove(directory / log_key_name(older))
