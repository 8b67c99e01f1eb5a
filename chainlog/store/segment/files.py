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
# A file may say that it has terabytes, and take none: so much of nothing is read of it.
_HOLE_LIMIT: Final = 2**30


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


def chunks_of(path: Path, start: int = 0, size: int = CHUNK) -> Iterator[bytes]:
    """The bytes of a file from `start` on.

    Raises StoreError; DamagedError for a pipe or a device, which would never end, and for a hole
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
        os.lseek(descriptor, start, os.SEEK_SET)
        while chunk := os.read(descriptor, size):
            if not chunk[-1] and _hole_at(descriptor, found.st_size) > _HOLE_LIMIT:
                raise DamagedError(
                    "{path} has a hole of more than {limit} bytes, in which nothing was written",
                    path=path,
                    limit=_HOLE_LIMIT,
                    hint="take the file again from whoever has it whole",
                )
            yield chunk
    except OSError as error:
        raise StoreError("{path} cannot be read: {why}", path=path, why=error.strerror) from None
    finally:
        # What was read was read: a failure to close takes nothing back.
        with suppress(OSError):
            os.close(descriptor)


def _hole_at(descriptor: int, size: int) -> int:
    """How many bytes of a file, from where it is read on, were never written, as far as is told."""
    at = os.lseek(descriptor, 0, os.SEEK_CUR)
    try:
        written = os.lseek(descriptor, at, os.SEEK_DATA)
    except OSError as error:
        # Nothing is after it; or the file system does not tell.
        written = size if error.errno == errno.ENXIO else at
    except AttributeError:
        return 0  # a system without holes
    os.lseek(descriptor, at, os.SEEK_SET)
    return written - at
