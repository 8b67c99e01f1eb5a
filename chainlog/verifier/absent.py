"""Bodies that are not held, and which of them the chain says were erased."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chainlog.errors import Keyed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chainlog.verifier.place import Sequence

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

    def judge(self, check: Sequence) -> None:
        """Say of each whether it was erased or is missing (step 6)."""
        for at in range(0, len(self._rows), _ROW):
            row = bytes(self._rows[at : at + _ROW])
            index = int.from_bytes(row[_ID:])
            if row[:_ID] in self._erased:
                check.told.erased += 1
                check.without(index, 6, "body-erased", Keyed("fault.body-erased", index=index))
                continue
            check.told.absent += 1
            says = Keyed("fault.body-absent", index=index)
            check.missing(index, 6, "body-absent", says)
