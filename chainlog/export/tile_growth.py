"""The tiles of a chain that grew, reckoned from its ids (C2SP tlog-tiles)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chainlog.format.entry import ID_BYTES
from chainlog.format.merkle import Frontier, fold, root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.store.tree import Tree

WIDTH: Final = 256
_LEVELS: Final = 8  # of the tree, in one of tiles
# So many ids are hashed at once.
_BATCH: Final = 32 * WIDTH


class TileGrowth:
    """The tiles that are new or full since `before`, from the ids up.

    Complete once they lead from one root to the other.
    """

    size: int
    root_before: bytes
    root: bytes

    def __init__(self, tree: Tree, before: int, size: int) -> None:
        self._before, self.size = before, size
        # From level 0 on: the hashes of the last tile, which is not full.
        self.rows: list[list[bytes]] = []
        # Of level 1 on, at first the full ones.
        self.tiles: dict[tuple[int, int], bytes] = {}
        stop = before
        while stop:
            self.rows.append(
                _split(tree.nodes(len(self.rows) * _LEVELS, stop - stop % WIDTH, stop))
            )
            stop >>= _LEVELS
        self.root_before = self._root()
        for start in range(before, size, _BATCH):
            self._extend(start, _split(tree.nodes(0, start, min(start + _BATCH, size))))
        self.root = self._root()
        for level, row in enumerate(self.rows[1:], 1):
            if row:
                self.tiles[level, (size >> level * _LEVELS) // WIDTH] = b"".join(row)

    def _extend(self, start: int, ids: list[bytes]) -> None:
        """Add the ids from entry `start` on."""
        level, row, index = 0, ids, start
        while row:
            if level == len(self.rows):
                self.rows.append([])
            waiting = self.rows[level] + row
            tile, above = (index - len(self.rows[level])) // WIDTH, []
            whole = len(waiting) - len(waiting) % WIDTH
            for at in range(0, whole, WIDTH):
                hashes = waiting[at : at + WIDTH]
                above.append(root(hashes))
                if level:
                    self.tiles[level, tile + at // WIDTH] = b"".join(hashes)
            self.rows[level] = waiting[whole:]
            level, row, index = level + 1, above, tile

    def _root(self) -> bytes:
        """The root, from the last tile of each level.

        Nothing else is needed, so a root that is right vouches for them all.
        """
        edge: list[bytes] = []
        for row in reversed(self.rows):
            frontier = Frontier()
            frontier.extend(row)
            edge += frontier.hashes
        return fold(edge)

    def spans(self) -> Iterator[tuple[int, int, int]]:
        """The bundles that are new or full: index, first entry, and the one after the last."""
        first = self._before // WIDTH
        for index in range(first, -(-self.size // WIDTH)):
            yield index, index * WIDTH, min((index + 1) * WIDTH, self.size)

    def has(self, index: int, ids: list[bytes]) -> bool:
        """Whether these are the ids of bundle `index`."""
        if len(ids) < WIDTH:
            return ids == self.rows[0]
        at = index % WIDTH * ID_BYTES
        return root(ids) == self.tiles[1, index // WIDTH][at : at + ID_BYTES]

    def filled(self) -> Iterator[tuple[int | str, int]]:
        """Level and index of the tiles and bundles that are full and were not."""
        for bundle, start, stop in self.spans():
            if stop - start == WIDTH:
                yield 0, bundle
                yield "entries", bundle
        yield from (node for node, hashes in self.tiles.items() if len(hashes) == WIDTH * ID_BYTES)


def _split(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + ID_BYTES] for at in range(0, len(hashes), ID_BYTES)]
