"""One chain's folder, as a reader sees it.

Segments in order, the head, records by index (FORMAT.md 5).

Readers take no lock. Of a chain that the reader has a mark of, opening costs the same for any
length: the index's last row says where the last record that it knows stands; what follows it is
read and linked. Anybody else reads all, since the index may be anybody's. Where the index does not
fit the segments or the mark it is not believed either.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from contextlib import suppress
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Final, TypeAlias

from chainlog.errors import DamagedError, EntryError, NoEntryError, Sentence
from chainlog.format.entry import NO_ID, Entry, entry_id
from chainlog.format.record import Record, scan
from chainlog.store.engine import Head
from chainlog.store.raw import CHUNK, PEEK
from chainlog.store.segment.files import segment_chunks, segments_in
from chainlog.store.segment.offsets import NAME as INDEX_NAME
from chainlog.store.segment.offsets import Offsets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Of two files the inode, the size and the time.
_State: TypeAlias = tuple[tuple[int, int, int], ...]
# A folder's time may be as coarse as two seconds.
_SETTLED: Final = 5 * 10**9
# An entry read by itself, with the one after it.
_FEW: Final = 2


@dataclass(frozen=True, slots=True)
class Tail:
    """Bytes of a segment that do not go on with the chain: from `start` to the end.

    `torn` as in `record.Damage`.
    """

    path: Path
    start: int
    torn: str | None
    last: bool


class ChainFolder:
    """What a chain's folder holds at the moment of opening.

    `mark`: the head that was last acknowledged to whoever reads; the index is believed no further,
    and not at all without one. `rows`: how many rows the index's file has, whoever wrote them.
    `end`: the offset in the last segment that was read after the last record that links, and `tail`
    what stands there.
    """

    folder: Path
    chain: bytes
    segments: list[tuple[int, Path]]
    index: Offsets
    rows: int
    head: Head
    end: int

    def __init__(self, folder: Path, chain: bytes, mark: Head | None = None) -> None:
        self.folder, self.chain = folder, chain
        # Before anything is read: what changes from here on makes this reader out of date.
        self._named = _named(folder)
        self.segments = segments_in(folder)
        self._state: _State | None = _state_of(folder, self.segments)
        self.index = Offsets(folder / INDEX_NAME, mark.size if mark is not None else 0)
        self.rows = self.index.rows
        self.head = Head(0, NO_ID)
        self.tail: Tail | None = None
        self._catch_up()
        if mark is not None and self.index.stored and not self._fits(mark):
            self.read_anew()

    def close(self) -> None:
        """Let go of the index."""
        self._state = None
        self.index.close()

    def is_current(self) -> bool:
        """Whether the folder is as it was when it was opened, as its names and times have it.

        What is read is compared with the index all the same.
        """
        if self._state is None or self._state != _state_of(self.folder, self.segments):
            return False
        named = _named(self.folder)
        if named is None or named != self._named:
            if segments_in(self.folder) != self.segments:
                return False
            self._named = named
        return True

    def renew(self) -> None:
        """Take the folder's names and times of now for those of what was read.

        Only its writer may, which knows that what it wrote since says the same.
        """
        self._state = _state_of(self.folder, self.segments)

    def segment_of(self, index: int) -> int:
        """The place in `segments` of the segment that holds entry `index`."""
        return bisect_right(self.segments, index, key=itemgetter(0)) - 1

    def read(self, start: int, stop: int) -> Iterator[Record]:
        """The records from `start` to before `stop`, which the chain has. Raises DamagedError."""
        index, last, anew = start, b"", False
        while index < stop:
            try:
                for record in self._read(index, stop):
                    yield record
                    index, last = index + 1, record.entry
            except DamagedError:
                # It may be the index that is wrong, or a segment that was replaced since it was
                # read: both are read once more.
                if anew:
                    raise
                anew = True
                self.read_anew()
                if self.head.size < stop or (
                    last and entry_id(last) != self.index.row(index - 1)[1]
                ):
                    raise

    def _read(self, start: int, stop: int) -> Iterator[Record]:
        """The same, by rows that may be wrong.

        The first record must name the id in the row before its own, and of one alone the record
        after it must name its id. What links further on, or does not, is for the verifier to say.
        """
        alone = start + 1 == stop <= self.index.stored and stop < self.head.size
        held = None
        for index, record in self._in_order(start, stop + alone):
            if index == stop and held is not None:
                if record.parsed.header.prev != entry_id(held.entry):
                    raise _unread(self.segments[-1][1], record.start, index)
                yield held
            elif alone:
                held = record  # until the one after it names it
            else:
                yield record

    def _in_order(self, start: int, stop: int) -> Iterator[tuple[int, Record]]:
        """Records that stand one after the other, each with its index. Raises DamagedError.

        The first is what its row says, and follows on what the row before says.
        """
        place, index = self.segment_of(start), start
        if place < 0:
            raise _unread(self.folder, 0, start)
        offset, size = self.index.row(start)[0], PEEK if stop - start <= _FEW else CHUNK
        while index < stop:
            first, path = self.segments[place]
            if (offset == 0) != (index == first):
                raise _unread(path, offset, index)
            for found in scan(segment_chunks(path, offset, size), self.chain, offset):
                for record in found:
                    entry = _entry_of(record)
                    if (
                        entry is None
                        or entry.header.index != index
                        or (index == start and not self._is_by_rows(entry))
                    ):
                        raise _unread(path, record.start, index)
                    assert isinstance(record, Record)
                    yield index, record
                    index += 1
                    if index == stop:
                        return
            place, offset = place + 1, 0
            if place == len(self.segments):
                raise _unread(path, offset, index)

    def _is_by_rows(self, entry: Entry) -> bool:
        """Whether an entry is what its row says, and names what the row before says."""
        index = entry.header.index
        before = self.index.row(index - 1)[1] if index else NO_ID
        return (
            entry.id == self.index.row(index)[1]
            and entry.header.prev == before
            and entry.chain == self.chain
        )

    def unread(self) -> Sentence | None:
        """What follows the last entry and cannot be read, in words."""
        if self.tail is not None and (self.tail.torn is None or self.head.size == 0):
            return Sentence(
                "{name}, byte {start}: what stands there is no entry {index} of this chain",
                name=self.tail.path.name,
                start=self.tail.start,
                index=self.head.size,
            )
        if self.head.size:
            return None
        if self.segments:
            return Sentence("{name} is empty", name=self.segments[-1][1].name)
        return Sentence("no segment lies in {folder}", folder=self.folder)

    def find(self, prefix: str, limit: int) -> list[int]:
        """The first entries whose id in hex begins with `prefix`."""
        try:
            whole = bytes.fromhex(prefix[: len(prefix) // 2 * 2])
            odd = int(prefix[-1], 16) if len(prefix) % 2 else None
        except ValueError:
            raise NoEntryError(
                "{prefix!r} is not the beginning of an id: ids are hex digits", prefix=prefix
            ) from None
        found = self.index.find(whole, odd, limit)
        if self.index.stored and (self.index.gap or not all(map(self._holds, found))):
            self.read_anew()
            found = self.index.find(whole, odd, limit)
        return found

    def _holds(self, index: int) -> bool:
        """Whether an entry is what its row says, and where, between its neighbours."""
        try:
            return any(True for _ in self._read(index, index + 1))
        except DamagedError:
            return False

    def read_anew(self) -> None:
        """Read the whole chain, believing nothing of the index."""
        self.index.forget()
        self._state = self.tail = None
        self._catch_up()

    def _catch_up(self) -> None:
        """Believe the index as far as it fits, then read on from there."""
        place, offset = self._believe()
        self.end = offset
        while place < len(self.segments):
            self._read_on(place, offset)
            if self.tail is not None:
                return
            place, offset = place + 1, 0

    def _believe(self) -> tuple[int, int]:
        """The place and offset after the record of the index's last row.

        They are those of the beginning unless that record is where and what the row says.
        """
        if count := len(self.index):
            self.head = Head(count, self.index.row(count - 1)[1])
            with suppress(DamagedError):
                for _, record in self._in_order(count - 1, count):
                    return self.segment_of(count - 1), record.end
        self.index.forget()
        self.head = Head(0, NO_ID)
        return 0, 0

    def _fits(self, mark: Head) -> bool:
        """Whether the chain, by an index that is believed, is the one that was acknowledged.

        It is not where it is shorter, or another, or where more than a torn write follows.
        """
        return (
            self.head.size >= mark.size
            and self.index.row(mark.size - 1)[1] == mark.id
            and (self.tail is None or self.tail.torn is not None)
        )

    def _read_on(self, place: int, offset: int) -> None:
        """Read a segment from `offset` on, as long as its records link."""
        first, path = self.segments[place]
        is_last = place == len(self.segments) - 1
        if first > self.head.size or (offset == 0 and first != self.head.size):
            # A segment begins when all before it is durable, so no crash leaves a gap: whatever
            # this is, it is not a torn tail.
            self.tail = Tail(path, 0, None, last=False)
            return
        self.end = offset
        for found in scan(segment_chunks(path, offset), self.chain, offset):
            for record in found:
                entry = _entry_of(record)
                if entry is None or not self._follows(entry):
                    self.tail = Tail(path, record.start, getattr(record, "torn", None), is_last)
                    return
                self.index.add(record.start, entry.id)
                self.end = record.end
                self.head = Head(self.head.size + 1, entry.id)

    def _follows(self, entry: Entry) -> bool:
        header = entry.header
        return (
            header.index == self.head.size
            and header.prev == self.head.id
            and entry.chain == self.chain
        )


def _named(folder: Path) -> tuple[int, int, int] | None:
    """What changes when anything in a folder gets or loses a name.

    None where that cannot be told, or was so short a while ago that its time might say no more.
    """
    try:
        told = folder.stat()
    except OSError:
        return None
    settled = abs(time.time_ns() - told.st_mtime_ns) > _SETTLED
    return (told.st_dev, told.st_ino, told.st_mtime_ns) if settled else None


def _state_of(folder: Path, segments: list[tuple[int, Path]]) -> _State:
    """What changes when a chain is written: the last segment's file and the index's.

    A writer appends to both, a replacement of bodies makes both anew.
    """
    files: list[tuple[int, int, int]] = []
    for path in [*(path for _, path in segments[-1:]), folder / INDEX_NAME]:
        try:
            told = path.stat()
        except OSError:
            files.append((0, 0, 0))
        else:
            files.append((told.st_ino, told.st_size, told.st_mtime_ns))
    return tuple(files)


def _unread(path: Path, start: int, index: int) -> DamagedError:
    return DamagedError(
        "{where}: entry {index} does not read back",
        where=f"{path.name}, byte {start}",
        index=index,
        hint="run 'chainlog verify'",
    )


def _entry_of(record: object) -> Entry | None:
    if not isinstance(record, Record):
        return None
    try:
        return record.parsed
    except EntryError:
        return None
