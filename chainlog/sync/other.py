"""A chain in another store, read as it lies: it may be anybody's.

Nothing that is derived there is believed, and nothing there is written.

What is met is what it is by its bytes alone: names only say where to look first. What cannot be
read ends the chain there. Memory is bounded whatever lies
there: one chunk, one record, one group of records.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from chainlog.errors import EntryError, Keyed, StoreError
from chainlog.format.record import Record, scan
from chainlog.store.raw import CHUNK, PEEK, told_of
from chainlog.verifier.report import Fault, because
from chainlog.verifier.run import Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from chainlog.format.record import Damage
    from chainlog.store.raw import RawSegment, Stray
    from chainlog.store.shelf import Shelf

    # Records, each with the name of its segment, until a Fault or the end.
    Stream = Iterator[tuple[str, Record | Fault]]

# Records verified and stored together: so many, and no more bytes than this and one record.
GROUP: Final = 1024
GROUP_BYTES: Final = 8 * 2**20


class RecordGroup(NamedTuple):
    """Records that follow each other in one segment.

    `end`: what ends the chain after them, if anything does but its end.
    """

    name: str
    records: list[Record]
    end: Fault | None


@dataclass(frozen=True, slots=True)
class OtherChain:
    """One chain in another store."""

    chain: bytes
    segments: tuple[RawSegment, ...]
    astray: tuple[Stray, ...] = ()

    @classmethod
    def of(cls, other: Shelf, chain: bytes) -> OtherChain:
        """The chain as it lies there. Raises StoreError where it cannot be read."""
        found = other.raw(chain)
        return cls(chain, found.segments, found.astray)

    @property
    def nothing(self) -> bool:
        """Whether there is not one byte of it to read."""
        try:
            return not any(any(segment.chunks(0, PEEK)) for segment in self.segments)
        except StoreError:
            return False  # there is something, and why it cannot be read is for `read` to say

    def unread(self) -> Missing:
        """That nothing of it can be read there, or not what is named otherwise than a segment."""
        code, says = (told_of(self.astray) or [("empty", Keyed("fault.empty.there"))])[0]
        return Missing(self.chain.hex(), None, 1, code, says)

    def first_of(self, place: int) -> int:
        """The index of the entry that a segment says it begins with."""
        return self.segments[place].first or 0

    def place_of(self, index: int) -> int:
        """The place of the segment that should hold entry `index`.

        The first where, by the names, none does.
        """
        return max(
            bisect_right([self.first_of(place) for place in range(len(self.segments))], index) - 1,
            0,
        )

    def after(self, record: Record, index: int) -> tuple[int, int] | None:
        """Where the chain goes on after our record of entry `index`: (place, offset).

        None unless that stands here at the same place as with us.

        Copies are mostly alike, so this saves reading what both have. Nothing is believed: the
        entry is compared, and it fixes all before.
        """
        if not self.segments:
            return None
        place = self.place_of(index)
        try:
            found = self.segments[place].record_at(record.start, self.chain)
        except StoreError:
            return None
        return (place, found.end) if found is not None and found.entry == record.entry else None

    def alike(self, index: int, ours: Callable[[int], Record]) -> tuple[int, Stream]:
        """An index, at most this one, from which on to compare, and the records from there.

        The last segment that, as it seems, begins like `ours`.
        """
        place = self.place_of(index)
        while place:
            first = self.first_of(place)
            opening = self.opening_of(place)
            if opening is not None and opening.entry == ours(first).entry:
                return first, self.read(place, 0)
            place -= 1
        return min(self.first_of(0), index + 1), self.read(0, 0)

    def opening_of(self, place: int) -> Record | None:
        """The first record of a segment."""
        try:
            return self.segments[place].record_at(0, self.chain)
        except StoreError:
            return None

    def entry_id(self, index: int) -> bytes | None:
        """The id of the entry that says it has this index, where the names say that it stands.

        None where there is none.

        One segment is read at most. The id, where it is one that we know, fixes all before it.
        """
        for _, one in self.read(self.place_of(index), 0) if self.segments else ():
            if isinstance(one, Record):
                try:
                    entry = one.parsed
                except EntryError:
                    return None
                if entry.header.index >= index:
                    return (
                        entry.id
                        if entry.header.index == index and entry.chain == self.chain
                        else None
                    )
        return None

    def read(self, place: int, offset: int) -> Stream:
        """What stands from an offset of a segment on, each with the segment's name.

        Records, until a Fault or the end. Never raises.
        """
        for at in range(place, len(self.segments)):
            segment = self.segments[at]
            try:
                for found in scan(segment.chunks(offset, CHUNK), self.chain, offset):
                    for one in found:
                        if not isinstance(one, Record):
                            yield (
                                segment.name,
                                self._fault(one, segment, last=at == len(self.segments) - 1),
                            )
                            return
                        yield segment.name, one
            except StoreError as error:
                yield (
                    segment.name,
                    Missing(self.chain.hex(), None, 1, "unreadable", because(error.message)),
                )
                return
            offset = 0

    def _fault(self, damage: Damage, segment: RawSegment, *, last: bool) -> Fault:
        where = Keyed("place.bytes", name=segment.where, start=damage.start, end=damage.end)
        if last and damage.torn is not None:
            message = Keyed("fault.torn-tail", where=where)
            return Missing(self.chain.hex(), None, 1, "torn-tail", message)
        message = Keyed("fault.damaged", where=where)
        return Fault(self.chain.hex(), None, 1, "damaged", message)


class Forward:
    """The records of a chain in another store by their index, forward and read once if they can be.

    Where they stand is by the names of the segments alone: they may be others.
    """

    index: int

    def __init__(self, chain: OtherChain) -> None:
        self._chain = chain
        self._stream: Stream = iter(())
        self.index = -1

    def seek(self, index: int) -> None:
        """Go to the record of an entry."""
        segments = self._chain.segments
        place = self._chain.place_of(index)
        begins = self._chain.first_of(place) if segments else 0
        if not begins <= self.index <= index:
            whole = bool(segments) and begins <= index
            self._stream = self._chain.read(place, 0) if whole else iter(())
            self.index = begins
        while self.index < index and self.next() is not None:
            pass

    def next(self) -> Record | Fault | None:
        """The next record, or the fault that ends the chain there; None after its end."""
        one = next(self._stream, None)
        if one is None:
            return None
        self.index += 1
        return one[1]


def cut(found: Iterable[RecordGroup], at: int, sizes: Sequence[int]) -> Iterator[RecordGroup]:
    """The same groups, the first record of which is entry `at`, cut at some sizes of the chain."""
    owed = list(reversed(sizes))
    for name, group, end in found:
        records = group
        while owed and owed[-1] < at + len(records):
            stop = owed.pop() - at
            if stop > 0:
                yield RecordGroup(name, records[:stop], None)
                records, at = records[stop:], at + stop
        yield RecordGroup(name, records, end)
        at += len(records)


def groups(stream: Stream) -> Iterator[RecordGroup]:
    """The stream in groups, each of one segment; a group with an end is the last."""
    name, records, size = "", list[Record](), 0
    for where, one in stream:
        if not isinstance(one, Record):
            yield RecordGroup(name or where, records, one)
            return
        if records and (where != name or len(records) >= GROUP or size >= GROUP_BYTES):
            yield RecordGroup(name, records, None)
            records, size = [], 0
        name = where
        records.append(one)
        size += len(one.entry) + len(one.body)
    if records:
        yield RecordGroup(name, records, None)
