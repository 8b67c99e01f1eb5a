"""Where an engine keeps the cells of a stored tree (`tree.py`): the contract, and memory."""

from __future__ import annotations

from typing import Final, Protocol

CELL: Final = 32


class Cells(Protocol):
    """Where an engine keeps the cells of one chain's stored tree. All of it is derived.

    Several processes may write at once: a cell's place and its value are the same for all. A cell
    that is zero, or short, counts as not there.
    """

    def open(self) -> int:
        """Begin to look, and return how many whole cells are there. Never raises."""
        ...

    def cut(self, count: int) -> None:
        """Let go of the cells after the first `count`, as far as that can be done."""
        ...

    def read(self, place: int) -> bytes:
        """The cell at a place; fewer bytes where it is not there. Raises StoreError."""
        ...

    def write(self, place: int, cells: bytes | bytearray) -> bool:
        """Write cells from a place on. Returns whether they are there now.

        It refuses where the cells before that place are not there: no hole is made.
        """
        ...

    def forget(self) -> None:
        """Put none in the place of all; whoever reads the old ones goes on with them."""
        ...

    def close(self) -> None:
        """Let go of what is open, and write nothing more."""
        ...


class MemoryCells:
    """The cells of one chain's stored tree. Whoever reads those that were forgotten goes on."""

    def __init__(self, kept: dict[bytes, bytearray], chain: bytes) -> None:
        self._kept, self._chain = kept, chain
        self._cells = bytearray()

    def open(self) -> int:
        """How many there are."""
        self._cells = self._kept.setdefault(self._chain, bytearray())
        return len(self._cells) // CELL

    def cut(self, count: int) -> None:
        """Let go of those after the first `count`."""
        del self._cells[count * CELL :]

    def read(self, place: int) -> bytes:
        """The cell at a place."""
        return bytes(self._cells[place * CELL : (place + 1) * CELL])

    def write(self, place: int, cells: bytes | bytearray) -> bool:
        """Write cells from a place on."""
        if len(self._cells) < place * CELL:
            return False
        self._cells[place * CELL : place * CELL + len(cells)] = cells
        return True

    def forget(self) -> None:
        """Begin with none."""
        self._cells = self._kept[self._chain] = bytearray()

    def close(self) -> None:
        """Write nothing more where others read."""
        self._cells = bytearray()
