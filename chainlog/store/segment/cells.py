"""The file `tree` in a chain's folder: the cells of its stored tree, no more (FORMAT.md 5).

What is no file is left alone; what cannot be read is as good as not there; what cannot be written
fails nobody.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from chainlog.errors import StoreError
from chainlog.store.cells import CELL
from chainlog.store.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAME: Final = "tree"
_FLAGS: Final = (
    getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class FileCells:
    """The cells in a file; opened for writing only once there is something to write."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1
        # Whether it is open for writing; and whether to try.
        self._writes = False
        self._may_write = True

    def open(self) -> int:
        """Open the file, and return how many whole cells it has."""
        with suppress(OSError):
            self._file = os.open(self._path, os.O_RDONLY | _FLAGS)
            found = os.fstat(self._file)
            if stat.S_ISREG(found.st_mode):
                return found.st_size // CELL
            self.close()
        return 0

    def cut(self, count: int) -> None:
        """Cut the file off after so many cells."""
        if self._open_to_write(count):
            with suppress(OSError):
                os.ftruncate(self._file, count * CELL)

    def read(self, place: int) -> bytes:
        """The cell at a place."""
        with StoreError.from_os(
            "{path} cannot be read: {why}", path=self._path, hint="it is derived: remove it"
        ):
            return os.pread(self._file, CELL, place * CELL)

    def write(self, place: int, cells: bytes | bytearray) -> bool:
        """Write cells at their place rather than at the end: another may be writing the same."""
        if not self._open_to_write(place):
            return False
        written, view = 0, memoryview(cells)
        with suppress(OSError):
            while written < len(cells):
                written += os.pwrite(self._file, view[written:], place * CELL + written)
        self._may_write = written == len(cells)
        return self._may_write

    def forget(self) -> None:
        """Remove the file. Where it cannot be removed, it is not written over either."""
        self._close_file()
        self._may_write = True
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            self._may_write = False

    def close(self) -> None:
        """Let go of the file, and write nothing more."""
        self._close_file()
        self._may_write = False

    def _open_to_write(self, count: int) -> bool:
        """Whether the file can be written, and has `count` cells.

        Another process may have cut it off, or made it anew.
        """
        if not self._may_write:
            return False
        descriptor = self._file
        try:
            if not self._writes:
                descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | _FLAGS, 0o644)
            found = os.fstat(descriptor)
        except OSError:
            found = None
        if found is None or not stat.S_ISREG(found.st_mode) or found.st_size < count * CELL:
            if descriptor != self._file:
                _close(descriptor)
            self._may_write = False
        elif descriptor != self._file:
            self._close_file()
            self._file, self._writes = descriptor, True
        return self._may_write

    def _close_file(self) -> None:
        _close(self._file)
        self._file, self._writes = -1, False


class FileTree(Tree):
    """The tree over the cells in a file, which is made where there is none."""

    def __init__(self, path: Path, ids: Callable[[int, int], bytes], size: int) -> None:
        super().__init__(FileCells(path), ids, size)


def _close(descriptor: int) -> None:
    if descriptor >= 0:
        with suppress(OSError):
            os.close(descriptor)
