"""The only file that syncs: what must be done, in which order, so that bytes outlive a power cut.

Linux: `fdatasync` for data, `fsync` on a folder for the names in it. macOS: `F_FULLFSYNC`, since
`fsync` there stops at the drive's cache. Windows: `os.fsync`, and no folder sync, which it does not
have. Linux is what is tested.

A new file:      create · write · sync data · (rename) · sync the folder, before anybody is told.
A moved tail:    copy · sync the copy · sync its folder · truncate · sync.

Known unsafe: a drive or network share that lies about its cache; and after a failed sync Linux
forgets that the pages were dirty, so a second sync that succeeds says nothing. Hence a failed sync
is never tried again: whoever reopens writes the bytes anew.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_NEW: Final = (
    os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
)

if sys.platform == "darwin":
    import fcntl

    def sync_data(descriptor: int) -> None:
        """Make the bytes written to a file durable. Raises OSError."""
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)

elif hasattr(os, "fdatasync"):

    def sync_data(descriptor: int) -> None:
        """Make the bytes written to a file durable. Raises OSError."""
        os.fdatasync(descriptor)

else:

    def sync_data(descriptor: int) -> None:
        """Make the bytes written to a file durable. Raises OSError."""
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. Raises OSError."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of `data`: one system call, unless the system takes less at once.

    Raises OSError.
    """
    written = os.write(descriptor, data)
    while written < len(data):
        written += os.write(descriptor, data[written:])


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, durably. Raises OSError."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def create(path: Path, data: bytes = b"") -> None:
    """A new file, durable with its name. Raises OSError, FileExistsError when there is one."""
    descriptor = os.open(path, _NEW, 0o644)
    try:
        if data:
            write_all(descriptor, data)
        sync_data(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(path.parent)


def replace(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Put `data` at `path`, new or in place of what is there.

    Either the old or the new is found, whatever happens meanwhile. Raises OSError.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    beside.unlink(missing_ok=True)
    try:
        descriptor = os.open(beside, _NEW, mode)
        try:
            write_all(descriptor, data)
            sync_data(descriptor)
        finally:
            os.close(descriptor)
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def set_aside(path: Path, start: int, aside: Path) -> None:
    """Move the bytes of `path` from `start` on to the new file `aside`.

    They are at no time in neither. Raises OSError.
    """
    with path.open("rb") as file:
        file.seek(start)
        tail = file.read()
    make_folder(aside.parent)
    create(aside, tail)
    sync_folder(
        aside.parent.parent
    )  # the folder may stand from an attempt that ended before its name was durable
    descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_CLOEXEC", 0))
    try:
        os.ftruncate(descriptor, start)
        sync_data(descriptor)
    finally:
        os.close(descriptor)


def rewrite(path: Path, start: int, stop: int) -> None:
    """Write bytes `start` to `stop` over themselves and sync.

    An earlier sync of them may have failed. Raises OSError.
    """
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
    try:
        while start < stop and (data := os.pread(descriptor, min(stop - start, 2**20), start)):
            start += os.pwrite(descriptor, data, start)
        sync_data(descriptor)
    finally:
        os.close(descriptor)
