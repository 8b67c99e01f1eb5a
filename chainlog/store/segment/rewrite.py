"""Other bodies for entries that are held: erased, withheld, or arrived late (FORMAT.md 5).

The sequence of entries stays as it is.

1. bodies that are erased go from `lost+found`, where a torn tail may hold them;
2. `.index.new` is begun: while it is there, the rows of `index` may say of a record where it stood
   before;
3. each segment that holds such an entry is written beside, synced, renamed, and the folder synced.
   A reader finds the old or the new;
4. `.index.new` gets the rows as they are now, is synced, and takes the place of `index`, which
   never has fewer rows: they are a mark.

Ended anywhere, by a crash or a full disk, each body is the old or the new one, and the chain reads
right, since every row is compared with its record when it is used. The next opening for writing
drops what was left beside, and where `.index.new` is among it, makes the index anew. The bytes that
went are gone as far as a file can say: what a disk or a snapshot below it keeps is out of reach.
"""

from __future__ import annotations

import os
import re
import stat
from bisect import bisect_left
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from chainlog.errors import DamagedError, EntryError, StoreError
from chainlog.format.record import Record, format_record, scan
from chainlog.store import durable
from chainlog.store.segment.files import chunks_of, real_path, segments_in
from chainlog.store.segment.offsets import NAME as INDEX_NAME
from chainlog.store.segment.offsets import ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

LOST: Final = "lost+found"
_SIGN: Final = f".{INDEX_NAME}.new"
LEFTOVER: Final = re.compile(rf"\.(?:[0-9]{{20}}\.seg|{INDEX_NAME})(?:\.[0-9]+)?\.new")
_NEW: Final = (
    os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
)


class _SegmentPart(NamedTuple):
    """A segment with entries `first` to before `stop`. `touched`: some of them get another body."""

    first: int
    stop: int
    path: Path
    touched: bool


class _NothingDoneError(Exception):
    """No segment was written over; `why` is the error of ours."""

    def __init__(self, why: StoreError) -> None:
        super().__init__()
        self.why = why


def replace_bodies(folder: Path, chain: bytes, size: int, bodies: Mapping[int, bytes]) -> bool:
    """Give entries of a chain of `size` entries, by their index, other bodies.

    The caller holds the lock, and looks at no old offset again.

    Returns whether the index fits now; where it does not, the sign stays that it is to be made
    anew. Raises OSError; DamagedError where a segment does not hold its entries, which is then left
    as it is; StoreError where it cannot be read.
    """
    segments = segments_in(folder)
    stops = [first for first, _ in segments[1:]] + [size]
    indexes = sorted(bodies)
    parts = [
        _SegmentPart(first, stop, path, bisect_left(indexes, first) < bisect_left(indexes, stop))
        for (first, path), stop in zip(segments, stops, strict=True)
    ]
    # 1. erased bodies go from what was set aside
    if (folder / LOST).is_dir():
        erased = {index for index, body in bodies.items() if not body}
        _cut_lost(
            folder / LOST,
            [raw for part in parts if part.touched for raw in _entries_of(part, chain, erased)],
        )
    # 2. the sign that rows may be wrong
    sign = folder / _SIGN
    doubtful = sign.exists()
    fits = not doubtful and _rows_of(folder) == size
    descriptor = os.open(sign, _NEW, 0o644)

    def take(rows: Iterable[bytes]) -> None:
        if fits:
            for some in rows:
                durable.write_all(descriptor, some)

    try:
        durable.sync_folder(folder)
        # 3. and 4.
        _rewrite_touched(folder, parts, chain, bodies, take)
        if fits:
            durable.sync_data(descriptor)
    except _NothingDoneError as error:
        if not doubtful:
            sign.unlink(missing_ok=True)
        raise error.why from None
    finally:
        # It is synced, or not used.
        with suppress(OSError):
            os.close(descriptor)
    if fits:
        sign.replace(folder / INDEX_NAME)
        durable.sync_folder(folder)
    return fits


def drop_leftovers(folder: Path) -> bool:
    """Remove what a replacement that did not finish left beside the segments.

    Returns whether the index is to be made anew: then `settle`.

    The caller holds the lock. Raises OSError.
    """
    left = {path.name: path for path in folder.iterdir() if LEFTOVER.fullmatch(path.name)}
    doubt = left.pop(_SIGN, None) is not None
    for path in left.values():
        path.unlink(missing_ok=True)
    return doubt


def settle(folder: Path) -> None:
    """The index was made anew: take the sign away. Renames whose sync failed are synced by it too.

    Raises OSError.
    """
    (folder / _SIGN).unlink(missing_ok=True)
    durable.sync_folder(folder)


def holds_bodies(path: Path, entries: Iterable[bytes]) -> bool:
    """Whether a body stands after one of these entries in a file of records, torn ones too.

    The entries are given as their bytes. Raises OSError.
    """
    data = _read(path)
    return _cut(data, entries) != data


def cut_bodies(path: Path, entries: Iterable[bytes]) -> bool:
    """Take the bodies that stand after these entries out of a file of records.

    Returns whether there were any. Raises OSError.
    """
    before = _read(path)
    data = _cut(before, entries)
    if data == before:
        return False
    durable.replace(path, data, stat.S_IMODE(path.stat().st_mode))
    return True


def _read(path: Path) -> bytes:
    return path.read_bytes() if stat.S_ISREG(path.lstat().st_mode) else b""


def _cut(data: bytes, entries: Iterable[bytes]) -> bytes:
    for raw in entries:
        at = data.find(raw)
        while at >= 0:
            start = at + len(raw)
            if len(data) > start:
                data = data[:start] + b"\xc4\x00" + data[_end_of_body(data, start) :]
            at = data.find(raw, start)
    return data


def _rewrite_touched(
    folder: Path,
    parts: list[_SegmentPart],
    chain: bytes,
    bodies: Mapping[int, bytes],
    take: Callable[[Iterable[bytes]], None],
) -> None:
    """Rewrite each segment that holds such an entry.

    `take` gets the rows of all. _NothingDoneError where the first ends it.
    """
    done = False
    for part in parts:
        if not part.touched:
            take(_kept_rows(folder, part.first, part.stop - part.first))
            continue
        try:
            _rewrite(part, chain, bodies, take)
        except StoreError as error:
            # What cannot be read is not written over: where nothing else was, no row is wrong.
            if not done:
                raise _NothingDoneError(error) from None
            raise
        done = True


def _cut_lost(folder: Path, entries: list[bytes]) -> None:
    for path in sorted(folder.iterdir()):
        cut_bodies(path, entries)


def _end_of_body(data: bytes, start: int) -> int:
    """Where the `bin` at `start` ends; the end of the data where it is torn, or is none."""
    width = {0xC4: 1, 0xC5: 2, 0xC6: 4}.get(data[start])
    if width is None:
        return len(data)
    value = start + 1 + width
    return min(value + int.from_bytes(data[start + 1 : value]), len(data))


def _entries_of(part: _SegmentPart, chain: bytes, indexes: set[int]) -> Iterator[bytes]:
    """The bytes of these entries, as far as they stand in a segment."""
    index = part.first
    for found in scan(chunks_of(part.path), chain):
        for record in found:
            if index in indexes and isinstance(record, Record):
                yield record.entry
            index += 1


def _rewrite(
    part: _SegmentPart,
    chain: bytes,
    bodies: Mapping[int, bytes],
    take: Callable[[Iterable[bytes]], None],
) -> None:
    """Put a segment with the new bodies in the place of the old one.

    `take` gets the rows of its records.
    """
    # Of a segment that is a link the bytes that are to go lie where it leads to.
    path, count = real_path(part.path), part.stop - part.first
    offset = index = 0
    previous: bytes | None = None
    beside = path.with_name(f".{path.name}.new")
    with durable.Beside(beside, stat.S_IMODE(path.stat().st_mode)) as new:
        for found in scan(chunks_of(path), chain):
            rows = bytearray()
            for record in found:
                previous = _follow(record, chain, part.first + index, previous, path)
                assert isinstance(record, Record)
                one = format_record(record.entry, bodies.get(part.first + index, record.body))
                rows += offset.to_bytes(8) + previous
                new.write(one)
                offset, index = offset + len(one), index + 1
            take([bytes(rows)])
        if index != count:
            raise DamagedError(
                "{name}: it holds {index} entries, and {count} belong there",
                name=path.name,
                index=index,
                count=count,
                hint="run 'chainlog verify'",
            )
        new.put(path)
    durable.sync_folder(path.parent)
    new.check()


def _follow(record: object, chain: bytes, index: int, previous: bytes | None, path: Path) -> bytes:
    """The id of the entry in the record that should be the one at `index`.

    Raises DamagedError where it is not.
    """
    if isinstance(record, Record):
        with suppress(EntryError):
            entry = record.parsed
            if (
                entry.header.index == index
                and entry.chain == chain
                and previous in {None, entry.header.prev}
            ):
                return entry.id
    start = getattr(record, "start", 0)
    raise DamagedError(
        "{name}, byte {start}: entry {index} does not read back",
        name=path.name,
        start=start,
        index=index,
        hint="run 'chainlog verify'",
    )


def _rows_of(folder: Path) -> int:
    """How many rows the index has; -1 where they are not to be used."""
    try:
        found = (folder / INDEX_NAME).stat()
    except OSError:
        return -1
    return found.st_size // ROW if stat.S_ISREG(found.st_mode) and found.st_size % ROW == 0 else -1


def _kept_rows(folder: Path, first: int, count: int) -> Iterator[bytes]:
    """Rows of the index as they are, zeros for those that are not there any more."""
    left = count * ROW
    for chunk in chunks_of(folder / INDEX_NAME, first * ROW):
        yield chunk[:left]
        left -= min(len(chunk), left)
        if not left:
            return
    yield bytes(left)


__all__ = ["cut_bodies", "drop_leftovers", "holds_bodies", "replace_bodies", "settle"]
