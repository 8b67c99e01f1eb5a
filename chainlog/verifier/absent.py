"""Bodies that are not held, and which of them the chain says were erased."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ID: Final = 32
_ROW: Final = _ID + 8


class Absent:
    """Entries without a body, until all is read: then the chain has said which it erased."""

    def __init__(self) -> None:
        # 32 bytes of id and 8 of index each: a chain may lack a million of them.
        self._rows = bytearray()
        self._erased: set[bytes] = set()

    def add(self, index: int, entry_id: bytes) -> None:
        """An entry whose body is not held."""
        self._rows += entry_id + index.to_bytes(8)

    def erase(self, entries: Iterable[bytes]) -> None:
        """Entries whose bodies were erased, by their ids."""
        self._erased.update(entries)

    def each(self) -> Iterator[tuple[int, bool]]:
        """The index of each, and whether it was erased."""
        for at in range(0, len(self._rows), _ROW):
            row = bytes(self._rows[at : at + _ROW])
            yield int.from_bytes(row[_ID:]), row[:_ID] in self._erased
