"""Files that a person names: read up to a limit, or written new, whole or not at all."""

from __future__ import annotations

import sys
from pathlib import Path

from chainlog.errors import StoreError
from chainlog.store import durable


def read_bounded(name: str, limit: int) -> bytes:
    """The bytes of a file, or of stdin (`-`), at most `limit` and one. Raises StoreError."""
    if name == "-":
        return sys.stdin.buffer.read(limit + 1)
    with StoreError.from_os("{name} cannot be read: {why}", name=name), Path(name).open("rb") as it:
        return it.read(limit + 1)


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
