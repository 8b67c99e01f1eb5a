"""The files that a chain lies in: their names, and their bytes (FORMAT.md 5)."""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chainlog.errors import DamagedError, StoreError
from chainlog.store.raw import CHUNK

if TYPE_CHECKING:
    from collections.abc import Iterator

SEGMENT_NAME: Final = re.compile(r"([0-9]{20})\.seg")
# A file may say that it has terabytes, and take none: so much of nothing is read of it, in however
# many parts.
_HOLES_LIMIT: Final = 2**30
# Nobody writes a segment with holes. A system that lost power may leave some, of what it had not
# written yet; and there may be any number of files.
_SEGMENT_HOLES_LIMIT: Final = 2**24


def segment_name(first: int) -> str:
    """The file name of the segment that begins with entry `first`."""
    return f"{first:020d}.seg"


def segments_in(folder: Path) -> list[tuple[int, Path]]:
    """The segments in a chain's folder: index of the first entry, by its name, and path.

    In order.
    """
    with StoreError.from_os("{folder} cannot be read: {why}", folder=folder):
        found = [
            (int(match[1]), path)
            for path in folder.iterdir()
            if (match := SEGMENT_NAME.fullmatch(path.name))
        ]
    return sorted(found)


def real_path(path: Path) -> Path:
    """A path without links, as far as they lead anywhere: those in a loop raise nothing."""
    return Path(os.path.realpath(path))


def segment_chunks(path: Path, start: int = 0, size: int = CHUNK) -> Iterator[bytes]:
    """The bytes of a segment. As `chunks_of`."""
    return chunks_of(path, start, size, holes=_SEGMENT_HOLES_LIMIT)


def chunks_of(
    path: Path, start: int = 0, size: int = CHUNK, *, holes: int = _HOLES_LIMIT
) -> Iterator[bytes]:
    """The bytes of a file from `start` on.

    Raises StoreError; DamagedError for a pipe or a device, which would never end, and for holes
    that would take as good as for ever.
    """
    with StoreError.from_os("{path} cannot be read: {why}", path=path):
        descriptor = os.open(
            path,
            os.O_RDONLY
            | getattr(os, "O_NONBLOCK", 0)
            | getattr(os, "O_CLOEXEC", 0)
            | getattr(os, "O_BINARY", 0),
        )
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise DamagedError("{path} is no file", path=path)
        if start > found.st_size:
            return  # what a damaged index says
        stop = _hollow_from(descriptor, found, holes)
        at = os.lseek(descriptor, start, os.SEEK_SET)
        while chunk := os.read(descriptor, size if stop is None else min(size, max(stop - at, 1))):
            if stop is not None and at >= stop:
                raise DamagedError(
                    "{path} has holes of more than {limit} bytes, in which nothing was written",
                    path=path,
                    limit=holes,
                    hint="take the file again from whoever has it whole",
                )
            yield chunk
            at += len(chunk)
    except OSError as error:
        raise StoreError("{path} cannot be read: {why}", path=path, why=error.strerror) from None
    finally:
        # What was read was read: a failure to close takes nothing back.
        with suppress(OSError):
            os.close(descriptor)


def _hollow_from(descriptor: int, told: os.stat_result, limit: int) -> int | None:
    """Where the hole begins with which there are too many in a file; None where there are not.

    As far as the system tells: one that has no holes tells nothing, nor do some file systems.
    """
    blocks: int | None = getattr(told, "st_blocks", None)
    if blocks is None or told.st_size - 512 * blocks <= limit:
        return None
    at = total = 0
    while at < told.st_size:
        try:
            hole = os.lseek(descriptor, at, os.SEEK_HOLE)
            at = _data_after(descriptor, hole, told.st_size)
        except (AttributeError, OSError):
            return None
        total += at - hole
        if total > limit:
            return hole
    return None


def _data_after(descriptor: int, hole: int, size: int) -> int:
    """Where a hole ends. Raises OSError."""
    try:
        return os.lseek(descriptor, hole, os.SEEK_DATA)
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        return size
