"""The files that a chain lies in: their names, and their bytes (FORMAT.md 5)."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from chainlog.errors import StoreError
from chainlog.store.raw import CHUNK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEGMENT_NAME: Final = re.compile(r"([0-9]{20})\.seg")


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


def chunks_of(path: Path, start: int = 0, size: int = CHUNK) -> Iterator[bytes]:
    """The bytes of a file from `start` on.

    Raises StoreError, also for a pipe or a device, which would never end.
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
            raise StoreError("{path} is no file", path=path)
        if start > found.st_size:
            return  # what a damaged index says
        os.lseek(descriptor, start, os.SEEK_SET)
        while chunk := os.read(descriptor, size):
            yield chunk
    except OSError as error:
        raise StoreError("{path} cannot be read: {why}", path=path, why=error.strerror) from None
    finally:
        # What was read was read: a failure to close takes nothing back.
        with suppress(OSError):
            os.close(descriptor)
