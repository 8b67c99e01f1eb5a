"""The only file that syncs: what must be done, in which order, so that bytes outlive a power cut.

Linux: `fdatasync` for data, `fsync` on a folder for the names in it. macOS: `F_FULLFSYNC`, since
`fsync` there stops at the drive's cache. Windows: `os.fsync`, and no folder sync, which it does not
have. Linux is what is tested.

A new file:      create · write · sync data · (rename) · sync the folder, before anybody is told.
In place of one: the same, beside it (`Beside`, `replace`); whole or not at all: `put_new`.
Both then:       the file at the path must be the one that was written (`own.py`).
A moved tail:    copy · sync the copy · sync its folder · truncate · sync.

Known unsafe: a drive or network share that lies about its cache; and after a failed sync Linux
forgets that the pages were dirty, so a second sync that succeeds says nothing. Hence a failed sync
is never tried again: whoever reopens writes the bytes anew.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from chainlog.store.own import Own

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

# So much is written at once.
_BUFFER: Final = 2**20
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


class Beside:
    """A file while it is written beside its place: readers find the old one or the new one, whole.

        with Beside(path.with_name(".name.new")) as new:
            new.write(b"...")
            new.put(path)
        sync_folder(path.parent)
        new.check()

    `put` syncs and renames it; the names in the folder are the caller's to sync, and then `check`
    says whether it lies there still. Left without `put`, for whatever reason, nothing of it stays.
    What an earlier one of this name left goes too. Raises OSError.
    """

    size: int

    def __init__(self, at: Path, mode: int = 0o644) -> None:
        self._at = at
        self._buffer = bytearray()
        # How many bytes were written.
        self.size = 0
        at.unlink(missing_ok=True)
        self._descriptor = os.open(at, _NEW, mode)
        self._own = Own(at, os.fstat(self._descriptor))

    def write(self, data: bytes | bytearray) -> None:
        """Write on."""
        self._buffer += data
        self.size += len(data)
        if len(self._buffer) >= _BUFFER:
            self._flush()

    def put(self, path: Path) -> None:
        """Make it durable, and put it at `path`, new or in place of what is there."""
        self._flush()
        sync_data(self._descriptor)
        self._close()
        self._at.replace(path)
        self._own.path, self._own.size = path, self.size

    def put_new(self, path: Path) -> None:
        """Make it durable, and put it at `path`, where nothing is. Raises FileExistsError."""
        self._flush()
        sync_data(self._descriptor)
        self._close()
        try:
            os.link(self._at, path)
        except FileExistsError:
            raise
        except OSError:
            # A file system without links.
            if os.path.lexists(path):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
            self._at.replace(path)
        self._own.path, self._own.size = path, self.size

    def check(self) -> None:
        """Whoever acknowledges it asks this last. Raises OSError where another lies there."""
        self._own.check()

    def _flush(self) -> None:
        if self._buffer:
            write_all(self._descriptor, bytes(self._buffer))
            self._buffer.clear()

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            # It is synced, or of no use.
            with suppress(OSError):
                os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
        # Gone already, if it was put.
        with suppress(OSError):
            self._at.unlink(missing_ok=True)


def replace(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Put `data` at `path`, new or in place of what is there.

    Either the old or the new is found, whatever happens meanwhile. Raises OSError.
    """
    with Beside(path.with_name(f".{path.name}.{os.getpid()}.new"), mode) as new:
        new.write(data)
        new.put(path)
    sync_folder(path.parent)
    new.check()


def put_new(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Put `data` at `path`: a new file, whole and durable, or none.

    Raises OSError, FileExistsError for one that is there, which stays as it is.
    """
    with Beside(path.with_name(f".{path.name}.{os.getpid()}.new"), mode) as new:
        new.write(data)
        new.put_new(path)
    try:
        sync_folder(path.parent)
    except OSError:
        # Who is told that it failed tries again.
        with suppress(OSError):
            path.unlink()
        raise
    new.check()


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
