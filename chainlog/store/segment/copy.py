"""A folder into which chains are copied: segments, attachments and checkpoints, and nothing else.

It has no index and no lock: nobody writes it, before it is whole, but who copies. What is written
is durable when the verb returns; until then the folder is whoever copies to clear.
"""

from __future__ import annotations

import os
import shlex
import shutil
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Final

from chainlog.errors import StoreError
from chainlog.format.record import format_record
from chainlog.store import durable
from chainlog.store.segment import blobs
from chainlog.store.segment.files import real_path, segment_name
from chainlog.store.segment.raw import CHAINS
from chainlog.store.segment.shelf import SegmentShelf

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

_BUFFER: Final = 2**20


class FolderCopy(SegmentShelf):
    """A new or empty folder that is to hold a copy of chains."""

    def __init__(self, folder: Path, source: Path | None) -> None:
        """Raises StoreError unless it is new or empty, and lies outside the source."""
        super().__init__(folder)
        self._fresh = _is_fresh(folder, source)

    def make(self) -> None:
        """Make the folder, where it is new. Raises OSError."""
        durable.make_folder(self._folder)

    def write_chain(
        self, chain: bytes, firsts: Collection[int], records: Iterable[tuple[bytes, bytes]]
    ) -> Iterator[None]:
        """Write the records of a chain; a segment begins with each of the entries `firsts`.

        Steps at each record. Raises OSError.
        """
        folder = self.folder_of(chain)
        durable.make_folder(folder)
        file: IO[bytes] | None = None
        try:
            for index, (entry, body) in enumerate(records):
                if index == 0 or index in firsts:
                    _finish(file)
                    file = (folder / segment_name(index)).open("xb", buffering=_BUFFER)
                assert file is not None
                file.write(format_record(entry, body))
                yield
            _finish(file)
            file = None
        finally:
            if file is not None:
                # Something else went wrong, and is told.
                with suppress(OSError):
                    file.close()
        durable.sync_folder(folder)

    def clear(self) -> None:
        """Leave nothing of a copy that did not come to be, as far as that can be done."""
        with suppress(OSError):
            for path in [self._folder] if self._fresh else list(self._folder.iterdir()):
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)


def _is_fresh(target: Path, source: Path | None) -> bool:
    """Whether the target is to be made.

    Raises StoreError unless it is new or empty, and lies outside the source.
    """
    try:
        place = real_path(target)
        if source is not None and real_path(source) in {place, *place.parents}:
            raise StoreError(
                "{target} lies within the ledger itself",
                target=target,
                hint="name a folder elsewhere",
            )
        # A link that leads nowhere is there too.
        if not os.path.lexists(target):
            if not place.parent.is_dir():
                raise StoreError(
                    "{parent} is no folder",
                    parent=target.parent,
                    hint="make it first, or name another",
                )
            return True
        there = {one.name for one in target.iterdir()} if target.is_dir() else {""}
        if there and {one for one in there if not one.endswith(".new")} <= {CHAINS, blobs.FOLDER}:
            raise StoreError(
                "{target} holds a copy that was not made to the end",
                target=target,
                quoted=shlex.quote(str(place)),
                hint="name a new folder, or remove it: rm -r {quoted}",
            )
        if there:
            raise StoreError(
                "{target} is not an empty folder",
                target=target,
                quoted=shlex.quote(str(place)),
                hint=(
                    "name a new one: a copy is written into nothing that is there; whether a copy "
                    "there is whole, 'chainlog verify {quoted}' says"
                    if there > {CHAINS}
                    else "name a new one: a copy is written into nothing that is there"
                ),
            )
    except (OSError, ValueError, RuntimeError) as error:
        raise StoreError(
            "{target!r} cannot be written: {error}", target=str(target)[:200], error=error
        ) from None
    return False


def _finish(file: IO[bytes] | None) -> None:
    if file is not None:
        with file:
            file.flush()
            durable.sync_data(file.fileno())
