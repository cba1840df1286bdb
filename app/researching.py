"""A build of training data as files: made after it is on record, destroyed with a word in the log.

    DIR/matrix.csv      numbers only (model/research.py)
    DIR/manifest.json   build, line, day, people in tens, card, columns, SHA-256

A crash after the commit and before the files leaves a build on record without files: the record says too much
and never too little; `research destroy` ends it.
"""

import json
import os
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from app.transaction import House
from model.errors import BuildRefused, TooFewPeople
from model.research import COLUMNS, BuildView, build, builds, note_departures, note_destroyed

MATRIX, MANIFEST = "matrix.csv", "manifest.json"


def build_into(house: House, directory: Path) -> BuildView:
    """Make a build in a new directory that only its owner may read.

    Raises:
        BuildRefused: the directory is there already, or cannot be made.
        TooFewPeople: fewer than ten people agree and have a score on the card in force.
    """
    try:
        directory.mkdir(mode=0o700)
    except OSError:
        raise BuildRefused("The directory is there already, or it cannot be made.") from None
    try:
        with house.open_vault("operator") as vault:
            made = build(vault)
        if made is None:
            raise TooFewPeople
    except Exception:
        directory.rmdir()
        raise
    view, matrix = made
    _write(directory / MATRIX, matrix)
    _write(directory / MANIFEST, _manifest(view))
    return view


def list_builds(house: House) -> tuple[BuildView, ...]:
    """Every build, with those noted that somebody has left."""
    with house.open_vault("operator") as vault:
        note_departures(vault)
        vault.flush()
        return builds(vault)


def destroy(house: House, build_id: UUID, directory: Path | None) -> BuildView:
    """Remove the files of a build, where a directory is given, and note that they are gone.

    Raises:
        BuildRefused: the directory holds another build, or none.
        BuildUnknown: there is no such build.
    """
    if directory is not None:
        _require_same(directory, build_id)
        for name in (MATRIX, MANIFEST):  # the manifest last: what it names can be asked for again
            (directory / name).unlink(missing_ok=True)
        with suppress(OSError):  # something else lies there: it stays
            directory.rmdir()
    with house.open_vault("operator") as vault:
        return note_destroyed(vault, build_id)


def _require_same(directory: Path, build_id: UUID) -> None:
    try:
        named = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))["build"]
    except (OSError, ValueError, KeyError, TypeError):
        raise BuildRefused("There is no build in this directory.") from None
    if named != str(build_id):
        raise BuildRefused("This directory holds another build.")


def _manifest(view: BuildView) -> bytes:
    told = {
        "build": str(view.id),
        "line": view.line,
        "built_on": view.built_at.date().isoformat(),
        "people": view.people,
        "people_are": "rounded down to tens",
        "card": view.card,
        "columns": [str(column) for column in COLUMNS],
        "sha256": {MATRIX: view.digest},
    }
    return json.dumps(told, indent=1).encode() + b"\n"


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
