"""Any archive that is read here, to the closed record: the one call the rest of the house makes."""

from sources.activity import ActivityRecord, Platform
from sources.archive import Archive
from sources.errors import ArchiveAmbiguous, ExportFormatWrong, PlatformUnknown, WrongPlatform
from sources.limits import ByteSource
from sources.minimise import Label
from sources.package import Package, find_package
from sources.readers.klarwert import read_klarwert
from sources.readers.mastodon import read_mastodon
from sources.readers.x import read_x
from sources.stored import Progress

_OF_X = {Label.TWEETS, Label.FOLLOWERS, Label.FOLLOWING}
_READERS = {Platform.X: read_x, Platform.MASTODON: read_mastodon}
READABLE = tuple(_READERS)  # in the order in which they are offered


def read_archive(
    file: ByteSource, *, expected: Platform | None = None, progress: Progress | None = None
) -> ActivityRecord:
    """Read an untrusted archive, whole or not at all; the file stays its owner's to close.

    Args:
        expected: the platform it was brought for, if any.
        progress: is told (bytes read, bytes to read), never falling, at last equal.

    Raises:
        DomainError: one of sources/errors.py; none of them holds anything out of the archive.
    """
    package = find_package(file)
    if package is not None:
        return _read_package(package, expected, progress)
    with Archive(file, progress=progress) as archive:
        platform = _platform_of(archive)
        if expected is not None and platform is not expected:
            raise WrongPlatform(expected, platform)
        record = _READERS[platform](archive)
        archive.finish()
    return record


def _read_package(package: Package, expected: Platform | None, progress: Progress | None) -> ActivityRecord:
    package.verify(progress)
    return read_klarwert(package, expected)


def _platform_of(archive: Archive) -> Platform:
    labels = {part.label for part in archive.parts}
    is_x, is_mastodon = bool(labels & _OF_X), Label.OUTBOX in labels
    if is_x and is_mastodon:
        raise ArchiveAmbiguous
    if is_x:
        return Platform.X
    if is_mastodon:
        return Platform.MASTODON
    raise ExportFormatWrong if Label.OLD_TWEETS in labels else PlatformUnknown
