"""One chain's folder, as a reader sees it.

Segments in order, the head, records by index (FORMAT.md 5).

Readers take no lock. Opening costs the same for any length of chain: the index's last row says
where the last record that it knows stands; what follows it is read and linked. Where the index does
not fit the segments it is not believed, and all is read.
"""

from __future__ import annotations

import os
import re
import stat
from bisect import bisect_right
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from chainlog.errors import DamagedError, EntryError, NoEntryError, StoreError
from chainlog.format.entry import NO_ID, Entry
from chainlog.format.record import Record, scan
from chainlog.store.engine import Head
from chainlog.store.raw import CHUNK, PEEK, first_record
from chainlog.store.segment.offsets import NAME as INDEX_NAME
from chainlog.store.segment.offsets import Offsets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The first entries of the segments; of two files the inode, the size and the time.
_State: TypeAlias = tuple[tuple[int, ...], tuple[tuple[int, int, int], ...]]
SEGMENT_NAME: Final = re.compile(r"([0-9]{20})\.seg")


def segment_name(first: int) -> str:
    """The file name of the segment that begins with entry `first`."""
    return f"{first:020d}.seg"


def segments_in(folder: Path) -> list[tuple[int, Path]]:
    """The segments in a chain's folder: index of the first entry, by its name, and path.

    In order.
    """
    try:
        found = [
            (int(match[1]), path)
            for path in folder.iterdir()
            if (match := SEGMENT_NAME.fullmatch(path.name))
        ]
    except OSError as error:
        raise StoreError(
            "{folder} cannot be read: {why}", folder=folder, why=error.strerror
        ) from None
    return sorted(found)


def chunks_of(path: Path, start: int = 0, size: int = CHUNK) -> Iterator[bytes]:
    """The bytes of a file from `start` on.

    Raises StoreError, also for a pipe or a device, which would never end.
    """
    try:
        descriptor = os.open(
            path,
            os.O_RDONLY
            | getattr(os, "O_NONBLOCK", 0)
            | getattr(os, "O_CLOEXEC", 0)
            | getattr(os, "O_BINARY", 0),
        )
    except OSError as error:
        raise StoreError("{path} cannot be read: {why}", path=path, why=error.strerror) from None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise StoreError("{path} is no file", path=path)
        if start > found.st_size:
            return  # what a damaged index says
        os.lseek(descriptor, start, os.SEEK_SET)
        while chunk := os.read(descriptor, size):
            yield chunk
    except OSError as error:
        raise StoreError("{path} cannot be read: {why}", path=path, why=error.strerror) from None
    finally:
        # What was read was read: a failure to close takes nothing back.
        with suppress(OSError):
            os.close(descriptor)


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

    `tail` is what stands after the last record that links.
    """

    folder: Path
    chain: bytes
    segments: list[tuple[int, Path]]
    index: Offsets
    mark: int
    head: Head

    def __init__(self, folder: Path, chain: bytes) -> None:
        self.folder, self.chain = folder, chain
        # Before anything is read: what changes from here on makes this reader out of date.
        self.segments = segments_in(folder)
        self._state: _State | None = _state_of(folder, self.segments)
        self.index = Offsets(folder / INDEX_NAME)
        # What the index's file says was acknowledged, however many of its rows are believed.
        self.mark = self.index.stored
        self.head = Head(0, NO_ID)
        self.tail: Tail | None = None
        self._catch_up()

    def close(self) -> None:
        """Let go of the index."""
        self._state = None
        self.index.close()

    def is_current(self) -> bool:
        """Whether the folder is as it was when it was opened, as its names and times have it.

        What is read is compared with the index all the same.
        """
        return self._state is not None and self._state == _state_of(
            self.folder, segments_in(self.folder)
        )

    def renew(self) -> None:
        """Take the folder's names and times of now for those of what was read.

        Only its writer may, which knows that what it wrote since says the same.
        """
        self._state = _state_of(self.folder, self.segments)

    @property
    def firsts(self) -> list[int]:
        """The index of the first entry of each segment."""
        return [first for first, _ in self.segments]

    def segment_of(self, index: int) -> int:
        """The place in `segments` of the segment that holds entry `index`."""
        return bisect_right(self.firsts, index) - 1

    def read(self, start: int, stop: int) -> Iterator[Record]:
        """The records from `start` to before `stop`, which the chain has. Raises DamagedError."""
        if start >= stop:
            return
        records = self._read(start, stop)
        try:
            first = next(records)
        except DamagedError:
            # It may be the index that is wrong, or a segment that was replaced since it was read:
            # both are read once more.
            self.read_anew()
            records = self._read(start, stop)
            first = next(records)
        yield first
        yield from records

    def _read(self, start: int, stop: int) -> Iterator[Record]:
        place = self.segment_of(start)
        offset, entry_id = self.index.row(start)
        index = start
        first_id: bytes | None = entry_id
        while index < stop:
            path = self.segments[place][1]
            few = stop - index == 1
            for found in scan(chunks_of(path, offset, PEEK if few else CHUNK), self.chain, offset):
                for record in found:
                    entry = _entry_of(record)
                    if (
                        entry is None
                        or entry.header.index != index
                        or (first_id is not None and entry.id != first_id)
                    ):
                        where = f"{path.name}, byte {record.start}"
                        raise DamagedError(
                            "{where}: entry {index} does not read back",
                            where=where,
                            index=index,
                            hint="run 'chainlog verify'",
                        )
                    assert isinstance(record, Record)
                    yield record
                    first_id = None
                    index += 1
                    if index == stop:
                        return
            place, offset = place + 1, 0
            if place == len(self.segments):
                raise DamagedError(
                    "{name}: entry {index} does not read back",
                    name=path.name,
                    index=index,
                    hint="run 'chainlog verify'",
                )

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
        if self.index.stored and (
            self.index.gap or any(self._by_row(index) is None for index in found)
        ):
            self.read_anew()
            found = self.index.find(whole, odd, limit)
        return found

    def _by_row(self, index: int) -> Record | None:
        """The record that the index has for an entry, if that is where and what its row says."""
        place = self.segment_of(index)
        if place < 0:
            return None
        offset, entry_id = self.index.row(index)
        record = first_record(chunks_of(self.segments[place][1], offset, PEEK), offset, self.chain)
        entry = _entry_of(record)
        fits = (
            entry is not None
            and entry.id == entry_id
            and entry.header.index == index
            and entry.chain == self.chain
        )
        return record if fits else None

    def read_anew(self) -> None:
        """Read the whole chain, believing nothing of the index."""
        self.index.forget()
        self._state = self.tail = None
        self._catch_up()

    def _catch_up(self) -> None:
        """Believe the index as far as it fits, then read on from there."""
        place, offset = 0, 0
        if len(self.index) and (known := self._believe()):
            place, offset = known
        else:
            self.index.forget()
            self.head = Head(0, NO_ID)
        while place < len(self.segments):
            self._read_on(place, offset)
            if self.tail is not None:
                return
            place, offset = place + 1, 0

    def _believe(self) -> tuple[int, int] | None:
        """The place and offset after the record of the index's last row, or None.

        It is None unless that record is where and what the row says.
        """
        last = len(self.index) - 1
        record = self._by_row(last)
        if record is None:
            return None
        self.head = Head(last + 1, self.index.row(last)[1])
        return self.segment_of(last), record.end

    def _read_on(self, place: int, offset: int) -> None:
        """Read a segment from `offset` on, as long as its records link."""
        first, path = self.segments[place]
        is_last = place == len(self.segments) - 1
        if first > self.head.size or (offset == 0 and first != self.head.size):
            # A segment begins when all before it is durable, so no crash leaves a gap: whatever
            # this is, it is not a torn tail.
            self.tail = Tail(path, 0, None, last=False)
            return
        for found in scan(chunks_of(path, offset), self.chain, offset):
            for record in found:
                entry = _entry_of(record)
                if entry is None or not self._follows(entry):
                    self.tail = Tail(path, record.start, getattr(record, "torn", None), is_last)
                    return
                self.index.add(record.start, entry.id)
                self.head = Head(self.head.size + 1, entry.id)

    def _follows(self, entry: Entry) -> bool:
        header = entry.header
        return (
            header.index == self.head.size
            and header.prev == self.head.id
            and entry.chain == self.chain
        )


def _state_of(folder: Path, segments: list[tuple[int, Path]]) -> _State:
    """What changes when a chain is written: the segments, and the last one's and the index's file.

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
    return tuple(first for first, _ in segments), tuple(files)


def _entry_of(record: object) -> Entry | None:
    if not isinstance(record, Record):
        return None
    try:
        return record.parsed
    except EntryError:
        return None
