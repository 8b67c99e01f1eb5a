"""A folder of what is published: files in it come whole, and once."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from chainlog.errors import StoreError
from chainlog.export.tile_growth import WIDTH
from chainlog.store import durable
from chainlog.store.segment.files import chunks_of

if TYPE_CHECKING:
    from pathlib import Path


_BESIDE: Final = ".new"
ELSEWHERE: Final = (
    "another chain, or another history of this one, was published here: name another folder"
)


class PublicFolder:
    """The folder, while one publisher has it to itself. `files`: how many were written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._touched: set[Path] = set()
        self.files: int = 0

    def put(self, name: str, data: bytes) -> None:
        """A file, unless it is there.

        Raises OSError; StoreError where it is there with other bytes.
        """
        path = self._folder / name
        self._touched.add(path.parent)
        if path.exists():
            if path.stat().st_size != len(data) or b"".join(chunks_of(path)) != data:
                raise StoreError("{path} was published with other bytes", path=path, hint=ELSEWHERE)
            return
        durable.make_folder(path.parent)
        self._write(path, data)

    def settle(self) -> None:
        """Make durable the names of all that was put.

        That is also what an interrupted publication had put.
        """
        folders = {self._folder}
        for folder in self._touched:
            while folder not in folders:
                folders.add(folder)
                folder = folder.parent  # noqa: PLW2901  (upward, to what is known)
        for folder in sorted(folders, reverse=True):
            durable.sync_folder(folder)
        # The folder itself may stand from an attempt that ended before its name was durable; what
        # lies above it may be closed to us.
        with suppress(PermissionError):
            durable.sync_folder(self._folder.parent)

    def drop_partials(self, name: str) -> None:
        """Remove the partial forms of a file that is there in full.

        Whatever else stands beside them is not ours.
        """
        folder = self._folder / f"{name}.p"
        for width in range(1, WIDTH) if folder.exists() else ():
            (folder / str(width)).unlink(missing_ok=True)
        with suppress(OSError):
            folder.rmdir()

    def replace(self, name: str, data: bytes) -> None:
        """A file in place of what is there, durable when this returns. Raises OSError."""
        self._write(self._folder / name, data)
        durable.sync_folder(self._folder)

    def _write(self, path: Path, data: bytes) -> None:
        # One name for all, under the lock: what an interrupted publication left there is taken away
        # by the next.
        with durable.Beside(self._folder / _BESIDE) as new:
            new.write(data)
            new.put(path)
        self.files += 1
