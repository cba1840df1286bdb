"""The manifest of an X archive: the day of the export, and which parts belong to it.

    window.__THAR_CONFIG = {"archiveInfo": {"generationDate": …},
                             "dataTypes": {…: {"files": [{"fileName": …}]}}}

A huge account's tweets come in several files; if one was lost on the way, a score would silently rest on
the others. Only names that the allow-list knows are compared; who the account is, is not looked at.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sources.archive import Archive
from sources.errors import ArchiveIncomplete, ArchiveUnreadable, Defect
from sources.json_window import JsonWindow
from sources.minimise import Label, Part, RowRefused, part_of, require_dict, require_iso_day


def read_manifest(archive: Archive) -> date | None:
    """The day of the export; every part the manifest names must be there."""
    part = Part(Label.MANIFEST)
    if part not in archive.parts:
        return None
    window = JsonWindow(archive.chunks(part), part.label, archive.limits)
    window.skip_assignment()
    manifest = window.value()
    window.finish()
    try:
        named = list(_named_parts(require_dict(manifest)))
        generated = require_dict(manifest.get("archiveInfo", {})).get("generationDate")
        as_of = None if generated is None else require_iso_day(generated)
    except RowRefused:
        raise ArchiveUnreadable(Defect.ROW, label=part.label) from None
    for name in named:
        if name not in archive.parts:
            raise ArchiveIncomplete(name.label, name.number)
    return as_of


def _named_parts(manifest: dict[str, Any]) -> Iterator[Part]:
    for kind in require_dict(manifest.get("dataTypes", {})).values():
        files = require_dict(kind).get("files", [])
        if type(files) is not list:
            raise RowRefused
        for file in files:
            name = require_dict(file).get("fileName")
            found = part_of(name) if type(name) is str else None
            if found is not None and found[1].label is not Label.MANIFEST:
                yield found[1]
