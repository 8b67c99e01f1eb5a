"""Files that a person names: read up to a limit, or written new, whole or not at all."""

from __future__ import annotations

import os
import stat
import sys
from io import BufferedReader, FileIO
from typing import TYPE_CHECKING

from chainlog.errors import StoreError, UnreadableError
from chainlog.store import durable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def read_bounded(name: str, limit: int, head: int, wanted: Callable[[bytes], bool]) -> bytes:
    """The bytes of a file, or of stdin (`-`), at most `limit`; a pipe that is named is waited for.

    Of a file that is not wanted by how it begins, in `head` bytes, only that. Raises StoreError;
    UnreadableError for a device, and for what is longer.
    """
    if name == "-":
        data = sys.stdin.buffer.read(limit + 1)
    else:
        with (
            StoreError.from_os("{name} cannot be read: {why}", name=name),
            BufferedReader(FileIO(name), head) as file,
        ):
            told = os.fstat(file.fileno())
            if not (stat.S_ISREG(told.st_mode) or stat.S_ISFIFO(told.st_mode)):
                raise UnreadableError("{path} is no file", path=name)
            beginning = file.peek()
            if not wanted(beginning):
                return beginning
            # What is longer is not read to learn that it is.
            data = file.read(limit + 1) if told.st_size <= limit else None
    if data is None or len(data) > limit:
        raise UnreadableError(
            "{path} has more than {limit} bytes, and no file of evidence has",
            path=name,
            limit=limit,
        )
    return data


def write_new(path: Path, data: bytes) -> None:
    """A new file, whole or not at all: written beside, durable, then named.

    One that is there stays as it is. Raises StoreError.
    """
    try:
        durable.put_new(path, data)
    except FileExistsError:
        raise StoreError("{path} is there already", path=path, hint="name another file") from None
    except OSError as error:
        raise StoreError("{path} cannot be written: {why}", path=path, why=error.strerror) from None
