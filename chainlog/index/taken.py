"""What the index was made from: the bytes of each segment, as far as they were taken in.

    taken   chain, first: the segment that begins with this entry · length: so many of its bytes ·
            digest: their SHA-256, bodies included · state: how the file system had that file then

An entry's id fixes what the entry says, and not how much of its body is held: a copy from which
fields were withheld has the same ids as the whole. So an index is believed only while the very
bytes that it was made from lie there; where they do not, it is made anew.

The bytes are hashed each time, unless the chain has a mark of the user's and the file system says
that the file is as it was: whoever hands over a ledger hands over its dates.
"""

from __future__ import annotations

from bisect import bisect_right
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from chainlog.errors import StoreError
from chainlog.format.record import format_record
from chainlog.store.raw import CHUNK

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from hashlib import _Hash

    from chainlog.format.record import Record
    from chainlog.store.raw import RawChain, RawSegment

_ROWS: Final = "SELECT first, length, digest, state FROM taken WHERE chain = ? ORDER BY first"
_KEEP: Final = "INSERT OR REPLACE INTO taken VALUES (?, ?, ?, ?, ?)"


class Taken:
    """What was taken in of one chain. `number`: the chain's in the index."""

    db: sqlite3.Connection
    number: int

    def __init__(self, db: sqlite3.Connection, number: int) -> None:
        self.db, self.number = db, number
        # The segment that was taken in last, if its bytes were hashed: they go on from there.
        self._last: tuple[int, int, _Hash] | None = None

    def is_there(self, raw: RawChain, *, marked: bool) -> bool:
        """Whether the bytes that were taken in still lie there.

        `marked`: the user has a mark of the chain, so that what the file system says is believed.
        """
        segments = {one.first: one for one in raw.segments}
        self._last = None
        for first, length, digest, before in self.db.execute(_ROWS, (self.number,)).fetchall():
            segment = segments.get(first)
            if segment is None:
                return False
            # Asked for before the bytes: what changes meanwhile is met the next time.
            state = repr(segment.state()) if marked else ""
            if state and state == before:
                self._last = None
                continue
            hasher = _hash(segment, length)
            if hasher is None or hasher.digest() != digest:
                return False
            self._last = first, length, hasher
            if state != before:
                self.db.execute(_KEEP, (self.number, first, length, digest, state))
        return True

    def take(self, raw: RawChain, index: int, records: Sequence[Record]) -> bool:
        """Add the records from entry `index` on.

        Returns whether that can be: the bytes before them lie there. Within a transaction.
        """
        firsts = [one.first or 0 for one in raw.segments]
        while records:
            place = max(bisect_right(firsts, index) - 1, 0)
            stop = firsts[place + 1] - index if place + 1 < len(firsts) else len(records)
            if not self._extend(raw, place, records[:stop]):
                return False
            index, records = index + stop, records[stop:]
        return True

    def _extend(self, raw: RawChain, place: int, records: Sequence[Record]) -> bool:
        segment = raw.segments[place] if raw.segments else None
        first = (segment.first or 0) if segment is not None else 0
        row = self.db.execute(
            "SELECT length, digest FROM taken WHERE chain = ? AND first = ?", (self.number, first)
        ).fetchone()
        length, digest = row or (0, sha256().digest())
        if self._last is not None and self._last[:2] == (first, length):
            hasher = self._last[2]
        else:
            found = _hash(segment, length) if segment is not None else None
            if found is None or found.digest() != digest:
                return False
            hasher = found
        for record in records:
            data = format_record(record.entry, record.body)
            hasher.update(data)
            length += len(data)
        self._last = first, length, hasher
        # What the file system says now may be of other bytes than were read: it is asked next time.
        self.db.execute(_KEEP, (self.number, first, length, hasher.digest(), ""))
        return True


def _hash(segment: RawSegment, length: int) -> _Hash | None:
    """The first bytes of a segment, hashed; None where there are not so many, or none are read."""
    hasher, left = sha256(), length
    try:
        for chunk in segment.chunks(0, CHUNK) if left else ():
            hasher.update(chunk[:left])
            left -= min(len(chunk), left)
            if not left:
                break
    except StoreError:
        return None
    return hasher if left == 0 else None
