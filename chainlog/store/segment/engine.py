"""The embedded engine: plain files, one writer a chain, nothing to configure (FORMAT.md 5).

Readers take no lock (`folder.py`). Whoever writes a chain first, opens it for writing, which
locks and recovers it (`writer.py`), and holds it until the engine is closed.
"""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chainlog.errors import HeadMovedError, NoChainError, NoEntryError, ReadOnlyError, StoreError
from chainlog.format.entry import is_id
from chainlog.overrides import override
from chainlog.store import durable
from chainlog.store.cells import MemoryCells
from chainlog.store.engine import EMPTY, Head
from chainlog.store.segment.files import segments_in
from chainlog.store.segment.folder import ChainFolder
from chainlog.store.segment.raw import CHAINS
from chainlog.store.segment.readers import Readers
from chainlog.store.segment.shelf import SegmentShelf
from chainlog.store.segment.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from chainlog.errors import Sentence
    from chainlog.format.record import Record
    from chainlog.store.cells import Cells

SCHEME: Final = "segment"
SEGMENT_LIMIT: Final = 64 * 2**20
LOCK_SECONDS: Final = 3.0


def open_at(
    path: str,
    mark: Callable[[bytes], Head | None],
    mine: Callable[[bytes], bool] = lambda _chain: True,
) -> SegmentEngine:
    """The store in a folder, which need not be there yet."""
    return SegmentEngine(Path(path), mark, mine)


class SegmentEngine(SegmentShelf):
    """Chains, and what is kept of them, below one folder.

    `mark(chain)`: the head last acknowledged here, as the ledger remembers it. `mine(chain)`:
    whether it was written in this folder; the index of another is not believed.
    """

    def __init__(
        self,
        folder: Path,
        mark: Callable[[bytes], Head | None] = lambda _chain: None,
        mine: Callable[[bytes], bool] = lambda _chain: True,
        *,
        segment_limit: int = SEGMENT_LIMIT,
    ) -> None:
        super().__init__(folder)
        self._mark, self._mine = mark, mine
        self._segment_limit = segment_limit
        self._writers: dict[bytes, Writer] = {}
        self._readers = Readers()
        # Trees of chains without a mark, whose files are not believed.
        self._cells: dict[bytes, bytearray] = {}

    def chains(self) -> list[bytes]:
        """The chains held."""
        folder = self._folder / CHAINS
        try:
            names = sorted(
                path.name for path in folder.iterdir() if is_id(path.name) and path.is_dir()
            )
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreError(
                "{folder} cannot be read: {why}", folder=folder, why=error.strerror
            ) from None
        # A folder without a segment is what a crash left before the first entry was written.
        return [bytes.fromhex(name) for name in names if segments_in(folder / name)]

    def head(self, chain: bytes) -> Head:
        """The chain's head: whole records that link, whoever wrote them."""
        if chain in self._writers:
            return self._writers[chain].head
        with self._reading(chain) as folder:
            return folder.head

    def may_write(self, chain: bytes) -> bool:
        """Whether the chain's folder may be written."""
        return os.access(self.folder_of(chain), os.W_OK)

    def append(self, chain: bytes, expected: Head, records: Sequence[tuple[bytes, bytes]]) -> Head:
        """Append records to the expected head, durably."""
        try:
            return self._open_writer(chain, create=expected == EMPTY and bool(records)).append(
                expected, records
            )
        except NoChainError:
            if expected == EMPTY:
                return EMPTY
            raise HeadMovedError(
                "the chain has 0 entries, not {size} as expected", size=expected.size
            ) from None

    def replace(self, chain: bytes, expected: Head, bodies: Mapping[int, bytes]) -> None:
        """Give entries other bodies, durably."""
        self._readers.close(chain)  # its files go, and some systems keep what is open
        self._open_writer(chain, create=False).replace(expected, bodies)

    @override
    def mend(self, chain: bytes, first: int, records: Iterable[tuple[bytes, bytes]]) -> str:
        """Put a whole segment in the place of a damaged one; the lock is taken anew for it."""
        if chain in self._writers:
            self._writers.pop(chain).close()
        self._readers.close(chain)
        return super().mend(chain, first, records)

    def prepare(self, chain: bytes) -> Head:
        """Lock a chain, recover it, and return the head to append to."""
        writer = self._open_writer(chain, create=False)
        writer.confirm()
        return writer.head

    def _open_writer(self, chain: bytes, *, create: bool) -> Writer:
        if chain in self._writers:
            return self._writers[chain]
        folder = self.folder_of(chain)
        try:
            if create:
                durable.make_folder(folder)
            elif not folder.is_dir():
                raise NoChainError("chain {chain}… is not held", chain=chain.hex()[:16])
            writer = Writer(
                folder,
                chain,
                self._mark,
                self._segment_limit,
                LOCK_SECONDS,
                believed=self._mine(chain),
            )
        except OSError as error:
            raise _cannot_write(folder, error) from None
        self._writers[chain] = writer
        view = writer.take_view()
        if view is not None:
            self._readers.close(chain)
            self._readers.keep(chain, view)
        return writer

    def read(self, chain: bytes, start: int = 0, stop: int | None = None) -> Iterator[Record]:
        """The records of a range."""
        with self._reading(chain) as folder:
            yield from folder.read(
                max(start, 0), folder.head.size if stop is None else min(stop, folder.head.size)
            )

    def ids(self, chain: bytes, start: int, stop: int) -> bytes:
        """The ids of a range, one after the other."""
        with self._reading(chain) as folder:
            if not 0 <= start <= stop <= folder.head.size:
                raise NoEntryError(
                    "no entries {start} to {stop}: the chain has {size}",
                    start=start,
                    stop=stop,
                    size=folder.head.size,
                )
            return folder.index.ids(start, stop)

    def unread(self, chain: bytes) -> Sentence | None:
        """What follows the last entry and cannot be read."""
        with self._reading(chain) as folder:
            return folder.unread()

    def find(self, chain: bytes, prefix: str) -> list[int]:
        """The indexes of entries whose id begins with `prefix`."""
        with self._reading(chain) as folder:
            return folder.find(prefix, 2)

    @override
    def cells(self, chain: bytes) -> Cells:
        """The file of a chain's stored tree; cells in memory where the chain has no mark.

        Such a file is whoever's who handed over the ledger.
        """
        mark = self._mark_of(chain)
        return (
            super().cells(chain)
            if mark is not None and mark.size
            else MemoryCells(self._cells, chain)
        )

    def close(self) -> None:
        """Let go of locks and files."""
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()
        self._readers.close_all()
        self._cells.clear()

    @contextmanager
    def _reading(self, chain: bytes) -> Iterator[ChainFolder]:
        """A chain's folder as it is now.

        It is opened once and kept for the next reading. Whoever reads has it for himself: another
        thread, or a reading within a reading, opens one of its own.
        """
        path = self.folder_of(chain)
        with StoreError.from_os("{path} cannot be read: {why}", path=path):
            held = path.is_dir()
        if not held:
            raise NoChainError("chain {chain}… is not held", chain=chain.hex()[:16])
        kept = self._readers.take(chain)
        if kept is not None and not kept.is_current():
            kept.close()
            kept = None
        folder = kept or ChainFolder(path, chain, self._mark_of(chain))
        try:
            yield folder
        finally:
            self._readers.keep(chain, folder)

    def _mark_of(self, chain: bytes) -> Head | None:
        """The mark of a chain that is only read: one that cannot be read is none.

        What lies beside the chain is then not believed, and who writes is told; nor is it where
        the chain was not written from here.
        """
        try:
            return self._mark(chain) if self._mine(chain) else None
        except StoreError:
            return None


def _cannot_write(folder: Path, error: OSError) -> StoreError:
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return ReadOnlyError(
            "{folder} may not be written: {why}",
            folder=folder,
            why=error.strerror,
            hint="change who may write there, or copy the ledger",
        )
    return StoreError(
        "{folder} cannot be opened for writing: {why}", folder=folder, why=error.strerror
    )
