"""Why an archive is refused: a closed set of reasons, none of which can quote the archive.

`label` is a word of our own allow-list (minimise.py), `row` and `part` are numbers we counted ourselves,
`reason` is a member of `Danger` or `Defect`. Nothing read from a file enters a message, so no message,
log line or problem document can name a third person.
"""

from enum import StrEnum

from sources.activity import Metric, Platform
from vault.errors import DomainError


class Danger(StrEnum):
    """What makes an archive look like an attack rather than an export."""

    COUNT = "count"
    DECLARED_SIZE = "declared-size"
    MEMBER_SIZE = "member-size"
    RATIO = "ratio"
    OVERLAP = "overlap"
    DIRECTORY = "directory"
    DUPLICATE = "duplicate"
    NAME = "name"
    LINK = "link"
    DEPTH = "depth"
    EDITS = "edits"


class Defect(StrEnum):
    """What keeps an archive from being read."""

    TYPE = "type"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"
    COMPRESSION = "compression"
    TEXT = "text"
    JSON = "json"
    ROW = "row"


class Flaw(StrEnum):
    """What is wrong with a copy that a Klarwert made."""

    FILE_CHANGED = "file-changed"
    FILE_MISSING = "file-missing"
    FILE_ADDED = "file-added"
    FILE_STRANGE = "file-strange"
    SIGNATURE = "signature"
    KIND = "kind"
    LIST = "list"
    VERSION = "version"
    ENTRY = "entry"
    NETWORK = "network"


_DANGERS = {
    Danger.COUNT: "The archive holds more files than any export does.",
    Danger.DECLARED_SIZE: "The archive would unpack to more than any export does.",
    Danger.MEMBER_SIZE: "One file in the archive would unpack to more than is read.",
    Danger.RATIO: "The archive unpacks to far more than its size allows for.",
    Danger.OVERLAP: "Files in the archive overlap.",
    Danger.DIRECTORY: "The archive's table of contents is larger than any export needs.",
    Danger.DUPLICATE: "Two files in the archive have the same name.",
    Danger.NAME: "A file name in the archive points outside the archive.",
    Danger.LINK: "The archive holds links or devices instead of files.",
    Danger.DEPTH: "The data is nested deeper than any export is.",
    Danger.EDITS: "The archive holds more edited posts than any export does.",
}
_DEFECTS = {
    Defect.TYPE: "The file is neither a zip, nor a tar.gz, nor an outbox in JSON.",
    Defect.TRUNCATED: "The archive ends too early; please download it again.",
    Defect.DAMAGED: "The archive is damaged; please download it again.",
    Defect.COMPRESSION: "The archive is compressed in a way that is not read here.",
    Defect.TEXT: "The archive's text is not valid UTF-8.",
    Defect.JSON: "The archive's data is not valid JSON.",
    Defect.ROW: "An entry in the archive is not of the documented form.",
}

_FLAWS = {
    Flaw.FILE_CHANGED: "A file of the copy was changed since it was made.",
    Flaw.FILE_MISSING: "A file of the copy is missing.",
    Flaw.FILE_ADDED: "A file was added to the copy since it was made.",
    Flaw.FILE_STRANGE: "The copy holds a file that no copy has.",
    Flaw.SIGNATURE: "The list of files is not signed with the key in the copy.",
    Flaw.KIND: "The file is not a copy that a Klarwert made.",
    Flaw.LIST: "The list of files is not of the documented form.",
    Flaw.VERSION: "The copy is of another version than is read here.",
    Flaw.ENTRY: "An entry in the copy is not of the documented form.",
    Flaw.NETWORK: "The copy holds no data of this network.",
}


def _where(label: str | None, row: int | None) -> str:
    if label is None:
        return ""
    return f" ({label})" if row is None else f" ({label}, entry {row})"


class ArchiveUnsafe(DomainError):
    """The archive is built to hurt its reader."""

    slug = "archive-unsafe"
    title = "Archive is not safe to read"

    def __init__(self, reason: Danger, *, label: str | None = None) -> None:
        super().__init__(_DANGERS[reason] + _where(label, None), reason=reason.value, label=label)


class ArchiveUnreadable(DomainError):
    """The archive is cut off, damaged or of another kind; refused whole, never read in part."""

    slug = "archive-unreadable"
    title = "Archive cannot be read"

    def __init__(self, reason: Defect, *, label: str | None = None, row: int | None = None) -> None:
        super().__init__(_DEFECTS[reason] + _where(label, row), reason=reason.value, label=label, row=row)


class PackageRefused(DomainError):
    """A copy made by a Klarwert that is not as it was made, or not such a copy at all.

    `file` is a path of our own closed forms (package.py): what else a file is called enters no message.
    """

    slug = "package-refused"
    title = "Copy is not accepted"

    def __init__(self, flaw: Flaw, *, file: str | None = None, row: int | None = None) -> None:
        super().__init__(_FLAWS[flaw] + _where(file, row), reason=flaw.value, file=file, row=row)


class ArchiveEncrypted(DomainError):
    """The archive is locked with a password, which no platform's export is."""

    slug = "archive-encrypted"
    title = "Archive is encrypted"

    def __init__(self) -> None:
        super().__init__("The archive is locked with a password; please upload it as the platform sent it.")


class ArchiveIncomplete(DomainError):
    """A part the export speaks of is not in it."""

    slug = "archive-incomplete"
    title = "Archive is incomplete"

    def __init__(self, label: str, part: int) -> None:
        super().__init__(f"Part {part} of the {label} is missing from the archive.", label=label, part=part)


class ArchiveAmbiguous(DomainError):
    """The file holds more than one export, and reading both would count posts twice."""

    slug = "archive-ambiguous"
    title = "More than one export in the archive"

    def __init__(self) -> None:
        super().__init__("The archive holds more than one export; please upload them one by one.")


class PlatformUnknown(DomainError):
    """Nothing in the archive is on the allow-list of any platform."""

    slug = "platform-unknown"
    title = "Platform not recognised"

    def __init__(self) -> None:
        super().__init__("No export of a platform that is read here was found in the archive.")


class WrongPlatform(DomainError):
    """The archive is another platform's than the one it was brought for."""

    slug = "wrong-platform"
    title = "Archive of another platform"

    def __init__(self, expected: Platform, found: Platform) -> None:
        super().__init__(
            f"This is an archive of {found}, not of {expected}.", expected=expected.value, found=found.value
        )


class ExportFormatWrong(DomainError):
    """The right platform, in a format that says nothing about responses (X before 2018)."""

    slug = "export-format-wrong"
    title = "Export in a format that is not read"

    def __init__(self) -> None:
        super().__init__("This export has the format of before 2018; please ask the platform for a new one.")


class RecordInvalid(DomainError):
    """A stored or given record does not have exactly the documented keys and types."""

    slug = "record-invalid"
    title = "Record is not of the documented form"

    def __init__(self) -> None:
        super().__init__("The record does not have exactly the documented fields.")


class FigureUnknown(DomainError):
    """A figure that cannot be corrected: no score rests on it, or the record does not hold it."""

    slug = "figure-unknown"
    title = "No such figure"

    def __init__(self, platform: Platform, metric: Metric) -> None:
        super().__init__(
            "The record holds no such figure, or none that can be corrected.",
            platform=platform.value,
            metric=metric.value,
        )
