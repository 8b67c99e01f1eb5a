"""The derived index of a chain: where each record begins, and its id.

Rebuilt from the segments whenever missing or in doubt.

    row = offset of the record in its segment, 8 bytes, big-endian || id, 32 bytes

Rows are appended after the records are durable, and are not synced: after a power cut some may be
missing, or zero; and after bodies were replaced (`rewrite.py`), for a moment or until the next
opening for writing, some may say where a record stood before. And whoever hands over a ledger
hands over its index too, with whatever rows he likes. So rows are believed only as far as the
reader's own mark of the chain goes, which he has only of what was acknowledged to him; the last
one is compared with its record when the index is opened, and each row with its record and both its
neighbours when it is used (`folder.py`).

As every row was written after its entry was acknowledged, the number of rows is also a mark: a
chain that is shorter has lost something. That many rows lie there can keep a writer from writing,
and nothing else.
"""

from __future__ import annotations

import mmap
import os
from typing import TYPE_CHECKING, Final

from chainlog.format.entry import ID_BYTES

if TYPE_CHECKING:
    from pathlib import Path

ROW: Final = 8 + ID_BYTES
NAME: Final = "index"


class Offsets:
    """Rows in a file, the first `most` of them at most, and rows that are not in it yet.

    Where the ledger may not be written, those never will be. `rows`: how many the file has,
    believed or not.
    """

    added: bytearray
    path: Path
    rows: int

    __slots__ = ("_file", "_stored", "added", "path", "rows")

    def __init__(self, path: Path, most: int) -> None:
        self.path = path
        self._file: mmap.mmap | None = None
        self._stored = self.rows = 0
        self.added = bytearray()
        try:
            if not path.is_file():
                return  # not there, or a pipe, which would wait for ever
            with path.open("rb") as file:
                self.rows = os.fstat(file.fileno()).st_size // ROW
                if believed := min(self.rows, most):
                    self._file = mmap.mmap(file.fileno(), believed * ROW, access=mmap.ACCESS_READ)
                    self._stored = believed
        except (OSError, ValueError):
            pass  # it is derived: an index that cannot be read is one that is not there

    @property
    def stored(self) -> int:
        """How many rows of the file are believed."""
        return self._stored

    def __len__(self) -> int:
        return self._stored + len(self.added) // ROW

    def row(self, index: int) -> tuple[int, bytes]:
        """The offset and the id of an entry."""
        at = (index - self._stored) * ROW
        if at >= 0:
            row = bytes(self.added[at : at + ROW])
        else:
            assert self._file is not None
            row = self._file[index * ROW : (index + 1) * ROW]
        return int.from_bytes(row[:8]), row[8:]

    def ids(self, start: int, stop: int) -> bytes:
        """The ids of the rows from `start` to before `stop`, one after the other."""
        rows = bytearray()
        if self._file is not None and start < self._stored:
            rows += self._file[start * ROW : min(stop, self._stored) * ROW]
        rows += self.added[max(start - self._stored, 0) * ROW : max(stop - self._stored, 0) * ROW]
        return b"".join([rows[at + 8 : at + ROW] for at in range(0, len(rows), ROW)])

    def all_rows(self, count: int) -> bytes:
        """The first `count` rows, as they are to lie in a file."""
        stored = b"" if self._file is None else bytes(self._file)
        return (stored + self.added)[: count * ROW]

    @property
    def gap(self) -> bool:
        """Whether a row that is believed is all zeros, as a power cut leaves them."""
        return self._file is not None and self._file.find(bytes(ROW)) >= 0

    def add(self, offset: int, entry_id: bytes) -> None:
        """A row more, not in the file yet."""
        self.added += offset.to_bytes(8) + entry_id

    def forget(self) -> None:
        """Drop every row, to begin anew. The file stays until it is saved over."""
        self.close()
        self._stored = 0
        self.added = bytearray()

    def find(self, prefix: bytes, odd: int | None, limit: int) -> list[int]:
        """The first entries whose id begins with `prefix`, and then with the half byte `odd`."""
        found: list[int] = []
        if len(prefix) + (odd is not None) > ID_BYTES:
            return found
        for base, data in ((0, self._file), (self._stored, self.added)):
            at = 0
            while (
                data is not None
                and len(found) < limit
                and 0 <= (at := data.find(prefix, at)) < len(data)
            ):
                index, within = divmod(at, ROW)
                if within == 8 and (odd is None or data[at + len(prefix)] >> 4 == odd):
                    found.append(base + index)
                at += 1
        return found

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
            self._stored = 0
