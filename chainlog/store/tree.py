"""The stored tree of a chain: the hashes of its full subtrees (FORMAT.md 5).

They stand in the order in which the chain completes them.

    the tree = cells of 32 bytes; after entry n, counted from 0, those of the nodes of levels 1,
    2, … that it completes

    entry      0   1           2   3                  4   5           …
    cells          (1,0)           (1,1) (2,0)            (1,2)       …

Levels and indexes are as in `chainlog.format.merkle`. The order is that of
golang.org/x/mod/sumdb/tlog (StoredHashIndex) without its level 0, which is the ids, held by the
engine. So the cells only grow, N entries have `N - popcount(N)` of them, each node has one place
for ever, and how many there are says how far the tree is. Any root or proof of any size reads a
logarithmic number of cells.

It is derived: written after the entries, when a tree is asked for, not synced, and made anew when
missing or in doubt. Of a chain that the reader has no mark of, what is stored is not read at all:
it is whoever's who handed over the ledger. That a hash in it is wrong, by a worn disk, a power cut
or somebody's hand, nothing here can tell: **whoever signs or shows a root or a proof checks it
first against a signed checkpoint or a root known otherwise** (`merkle.verify_inclusion`,
`merkle.verify_consistency`), and where it does not hold calls `rebuild` once and asks again.
`agrees` does that for a root. What is made anew is made from the records, not from ids that are
derived themselves.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from chainlog.errors import ProofError, StoreError
from chainlog.format.entry import ID_BYTES
from chainlog.format.merkle import (
    Frontier,
    consistency_nodes,
    inclusion_nodes,
    read_proof,
    root_nodes,
    verify_inclusion,
)
from chainlog.store.cells import CELL

if TYPE_CHECKING:
    from collections.abc import Callable

    from chainlog.format.merkle import Node
    from chainlog.store.cells import Cells

# So many entries are hashed and written at once; a multiple of two, so that only whole pairs are.
_BATCH: Final = 8192


def cells_of(size: int) -> int:
    """How many cells the first `size` entries complete."""
    return size - size.bit_count()


def place_of(level: int, index: int) -> int:
    """The cell of a node of level 1 or more.

    Those completed before its last entry, then those below it.
    """
    return ((index + 1) << level) - index.bit_count() - 2


class _InDoubtError(Exception):
    """A cell that is not there, or that a power cut left zero."""


class Tree:
    """The tree over the first `size` entries of a chain, and of every smaller size.

    `cells`: where it is stored, None to keep all here; so is what cannot be stored (read-only
    media, a full disk), and nothing fails. `ids(start, stop)` returns the ids of a range, 32 bytes
    each, as `Engine.ids` does; whatever it raises is passed on. `anew`: the same, as the records
    themselves have it, where `ids` may be derived. The cells are caught up as far as what is asked
    for needs. Raises StoreError where the cells, or the ids, cannot be read.
    """

    def __init__(
        self,
        cells: Cells | None,
        ids: Callable[[int, int], bytes],
        size: int,
        anew: Callable[[int, int], bytes] | None = None,
    ) -> None:
        if size < 0:
            raise ProofError("no tree of {size} entries", size=size)
        self._cells = cells
        self._ids = ids
        self._ids_anew = anew or ids
        self._size = size
        # Whether it was made anew since it was opened: nothing that somebody stored is believed any
        # more.
        self._anew = False
        # Stored cells that are believed, and those after them that could not be stored.
        self._stored = 0 if cells is None else cells.open()
        self._added = bytearray()
        # More than the chain completes: it was longer once, or is by now, and what comes next need
        # not be what came then.
        most = cells_of(size)
        if cells is not None and self._stored > most:
            self._stored = most
            cells.cut(most)

    @property
    def size(self) -> int:
        """How many entries it covers."""
        return self._size

    # Asking

    def root(self, size: int) -> bytes:
        """The root of the tree of the first `size` entries. Raises ProofError, StoreError."""
        return self.frontier(size).root()

    def agrees(self, size: int, root: bytes) -> bool:
        """Whether this is the root of the first `size` entries.

        What is stored may say so only where the last of them, as the records have it, is proven to
        be in that tree: its id fixes all before it. Where it says no, all is made anew first, once.

        Raises ProofError, StoreError.
        """
        if not self._has(size, root) and not self._anew:
            self.rebuild()
        return self._has(size, root)

    def _has(self, size: int, root: bytes) -> bool:
        if self.root(size) != root or size == 0:
            return self.root(size) == root
        last = size - 1
        try:
            leaf = self._ids_anew(last, size)
            verify_inclusion(leaf, last, size, self.inclusion(last, size), root)
        except ProofError:
            return False
        return True

    def frontier(self, size: int) -> Frontier:
        """The tree of the first `size` entries as one that grows. Raises ProofError, StoreError."""
        self._check(size)
        return Frontier(size, self._read(list(root_nodes(size)), size))

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The proof that entry `index` is in the tree of `size` (RFC 6962 2.1.1).

        Raises ProofError, StoreError.
        """
        self._check(size)
        return read_proof(inclusion_nodes(index, size), lambda nodes: self._read(nodes, size))

    def consistency(self, size1: int, size2: int) -> list[bytes]:
        """The proof that the tree of `size2` carries on that of `size1` (RFC 6962 2.1.2).

        `size1` is 1 at least. Raises ProofError, StoreError.
        """
        self._check(size2)
        return read_proof(consistency_nodes(size1, size2), lambda nodes: self._read(nodes, size2))

    def nodes(self, level: int, start: int, stop: int) -> bytes:
        """The hashes of the full subtrees of a level from index `start` to before `stop`.

        They stand one after the other; of level 0 they are the ids. Raises ProofError, StoreError.
        """
        if not 0 <= level < 64 or not 0 <= start <= stop:
            raise ProofError(
                "no subtrees {start} to {stop} of level {level}",
                start=start,
                stop=stop,
                level=level,
            )
        self._check(stop << level)
        if level == 0:
            return self._leaves(start, stop)
        return b"".join(self._read([(level, index) for index in range(start, stop)], stop << level))

    # Keeping

    def rebuild(self) -> None:
        """Believe nothing that is derived: make it anew, from the records.

        Raises StoreError.
        """
        self._stored, self._added, self._anew = 0, bytearray(), True
        self._ids = self._ids_anew
        if self._cells is not None:
            self._cells.forget()
        self._catch_up(self._size)

    def close(self) -> None:
        """Let go of what is stored. What is asked for afterwards is made anew, in memory."""
        self._stored, self._added = 0, bytearray()
        if self._cells is not None:
            self._cells.close()

    def _check(self, size: int) -> None:
        if not 0 <= size <= self._size:
            raise ProofError(
                "no tree of {size} over a chain of {size2} entries", size=size, size2=self._size
            )

    def _read(self, nodes: list[Node], size: int) -> list[bytes]:
        """The hashes of nodes, all of them complete in the tree of `size`."""
        with suppress(_InDoubtError):
            self._catch_up(size)
            return [self._cell(*node) for node in nodes]
        with suppress(_InDoubtError):
            self.rebuild()
            return [self._cell(*node) for node in nodes]
        # Somebody is at the file still: this one does without it.
        self.close()
        self._catch_up(size)
        return [self._cell(*node) for node in nodes]

    def _cell(self, level: int, index: int) -> bytes:
        if level == 0:
            return self._leaves(index, index + 1)
        at = (place_of(level, index) - self._stored) * CELL
        if at >= 0:
            return bytes(self._added[at : at + CELL])
        # What was believed was counted in the cells, so there are some.
        cell = self._cells.read(place_of(level, index)) if self._cells is not None else b""
        if len(cell) < CELL or not any(cell):
            raise _InDoubtError
        return cell

    def _leaves(self, start: int, stop: int) -> bytes:
        ids = self._ids(start, stop)
        if len(ids) != (stop - start) * ID_BYTES:
            raise StoreError(
                "the ids of entries {start} to {stop} cannot be read",
                start=start,
                stop=stop,
                hint="run 'chainlog verify'",
            )
        return ids

    # Catching up

    def _covered(self) -> int:
        """The greatest even number of entries whose cells are all here.

        An odd one more completes nothing.
        """
        cells = self._stored + len(self._added) // CELL
        size = cells + cells.bit_length() + 2 & ~1
        while cells_of(size) > cells:
            size -= 2
        return size

    def _catch_up(self, size: int) -> None:
        """Hash the entries that are new, up to `size`, and add the cells that they complete.

        Raises StoreError.
        """
        start, stop = self._covered(), size & ~1
        if start >= stop:
            return
        self._drop_after(cells_of(start))
        frontier = Frontier(start, [self._cell(*node) for node in root_nodes(start)])
        while start < stop:
            end = min(start + _BATCH, stop)
            ids = self._leaves(start, end)
            grown = frontier.extend(
                [ids[at : at + ID_BYTES] for at in range(0, len(ids), ID_BYTES)]
            )
            first = cells_of(start)
            cells = bytearray((cells_of(end) - first) * CELL)
            for level, hashes in enumerate(grown, 1):
                for index, hashed in enumerate(hashes, start >> level):
                    at = (place_of(level, index) - first) * CELL
                    cells[at : at + CELL] = hashed
            self._add(first, cells)
            start = end

    def _add(self, first: int, cells: bytearray) -> None:
        """Store cells, from cell `first` on.

        Once they cannot be stored, they are put after those in memory.
        """
        if not self._added and self._cells is not None and self._cells.write(first, cells):
            self._stored = first + len(cells) // CELL
        else:
            self._added += cells

    def _drop_after(self, cells: int) -> None:
        """Forget the cells of a pair that was not written whole."""
        self._stored = min(self._stored, cells)
        del self._added[(cells - self._stored) * CELL :]
