"""Records and the stream of them that a segment is (FORMAT.md 5).

    record  = canonical array of two bin: [entry, body]
    body    = full, partial, or empty where none is held
    segment = record || record || ...

`scan` reads such a stream from chunks of any size. After damage it resynchronises on the bytes with
which every header begins, so that one broken record costs no other. It holds one chunk and one
record at a time.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import msgspec

from chainlog.errors import RecordError
from chainlog.format import canonical
from chainlog.format.body import PARTIAL_LIMIT
from chainlog.format.entry import ENTRY_LIMIT, HEADER_MARK, parse_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chainlog.format.entry import Entry

RECORD_LIMIT: Final = 1 + 3 + ENTRY_LIMIT + 5 + PARTIAL_LIMIT
_PAIR: Final = 0x92
# How a record begins: an array of two, the entry, a bin with a length of one byte or of two, and in
# it the mark. One pattern for all chains: one for each would be compiled for each.
_CANDIDATE: Final = re.compile(rb"\x92(?:\xc4.|\xc5..)" + re.escape(HEADER_MARK), re.DOTALL)


class Record(msgspec.Struct, frozen=True, dict=True):
    """One record of a stream.

    It has the bytes of its entry and of its body, and where in the stream it begins and ends.
    """

    entry: bytes
    body: bytes
    start: int = 0
    end: int = 0

    @cached_property
    def parsed(self) -> Entry:
        """Its entry, parsed once, however many look at it: the store, the verifier, the index.

        Raises EntryError, or VersionError for a version that this reader does not know.
        """
        return parse_entry(self.entry)


class Damage(msgspec.Struct, frozen=True):
    """Bytes from `start` to `end` of a stream that are no record.

    `torn`: they could be a write that did not finish.

    `torn` is "record" for a strict prefix of one record, "zeros" where all bytes are zero, None for
    anything else.
    """

    start: int
    end: int
    torn: Literal["record", "zeros"] | None


def format_record(entry: bytes, body: bytes) -> bytes:
    """The bytes of a record."""
    return canonical.pack((entry, body))


def parse_record(data: bytes) -> Record:
    """The one record that `data` is. Raises RecordError."""
    frame = _frame(data, 0) if data else "bad"
    if isinstance(frame, str) or frame[3] != len(data):
        raise RecordError("not a record")
    return _cut(data, 0, 0, frame)


def scan(
    chunks: Iterable[bytes], chain: bytes | None = None, start: int = 0
) -> Iterator[list[Record | Damage]]:
    """The records in `chunks`, in lists of a chunk's worth, with the damage between them.

    Never raises.

    `chain`: the id of the chain, where it is known; it makes resynchronising surer. `start`: the
    offset of the first byte. A record is given out only once the next one, or the end, follows it:
    a length that was damaged shows there.
    """
    scanner = _Scanner(chain or b"", start)
    for chunk in chunks:
        found = scanner.feed(chunk, last=False)
        if found:
            yield found
    found = scanner.feed(b"", last=True)
    if found:
        yield found


# Where a record's entry begins and ends, and where its body does: offsets into the bytes at hand,
# which are cut only when it is given out.
_Whole: TypeAlias = tuple[int, int, int, int]
_Frame: TypeAlias = _Whole | Literal["more", "bad"]


class _Scanner:
    """What is left of the chunks seen.

    Bytes from offset `base` on, a record held back, the start of damage not yet passed.

    Every byte is searched once and copied a bounded number of times, whatever lengths the bytes
    promise.
    """

    __slots__ = ("base", "blank", "chain", "data", "held", "lost", "overlap", "sought")

    def __init__(self, chain: bytes, start: int) -> None:
        # What follows the mark in a record of this chain.
        self.chain = chain
        # So many bytes at the end may be the beginning of a candidate.
        self.overlap = len(HEADER_MARK) + len(chain) + 3
        self.data = b""
        self.base = start
        # Where in `data` the record held back begins, and its frame.
        self.held: tuple[int, _Whole] | None = None
        # Where in the stream the damage begins, and whether what was dropped of it was zeros.
        self.lost: int | None = None
        self.blank = True
        # Offset in the stream before which no record begins that was not met yet.
        self.sought = start

    def feed(self, chunk: bytes, *, last: bool) -> list[Record | Damage]:
        """What can be told now. `last`: nothing follows `chunk`."""
        self.data = data = self.data + chunk
        base, found, held = self.base, list[Record | Damage](), self.held
        size, at = len(data), 0 if held is None else held[1][3]
        while at < size or self.lost is not None:
            frame = "bad" if self.lost is not None else _frame(data, at)
            if type(frame) is tuple:
                if held is not None:
                    # As `_cut` does; a call more would be felt here.
                    entry, body, value, end = held[1]
                    found.append(
                        Record(data[entry:body], data[value:end], base + held[0], base + end)
                    )
                held = at, frame
                at = frame[3]
            elif frame == "more" and not last:
                break
            else:
                self.held = held
                resumed = self._resume(found, at, last=last)
                if resumed is None:
                    return found
                held, at = None, resumed
        if last and held is not None:
            found.append(_cut(data, base, *held))
            held = None
        self.held = held
        self._drop(at if held is None else held[0])
        return found

    def _drop(self, keep: int) -> None:
        """Let go of the bytes before `keep`."""
        self.data, self.base = self.data[keep:], self.base + keep
        if self.held is not None:
            start, (entry, body, value, end) = self.held
            self.held = start - keep, (entry - keep, body - keep, value - keep, end - keep)

    def _resume(self, found: list[Record | Damage], at: int, *, last: bool) -> int | None:
        """Where the next record begins after damage at `at`.

        None when these bytes do not say, or there is none.
        """
        data, base, held = self.data, self.base, self.held
        origin = at if held is None else held[0]
        begin, frame = self._seek(origin + (self.lost is None), last=last)
        if not isinstance(frame, str):
            # A record within the one held back: that one's length is a lie.
            if held is not None and begin >= at:
                found.append(_cut(data, base, *held))
                origin = at
            found.append(
                Damage(base + origin if self.lost is None else self.lost, base + begin, None)
            )
            self.held = self.lost = None
            return begin
        if last:
            if held is not None:
                found.append(_cut(data, base, *held))
            found.append(self._tail(at))
            self.held = self.lost = None
            self.data = b""
            return None
        if held is None or begin >= at:
            if held is not None:
                found.append(_cut(data, base, *held))
                self.held = None
            if self.lost is None:
                self.lost, self.blank = base + at, True
            self.blank = self.blank and not data[at:begin].strip(b"\x00")
            self._drop(begin)
        return None

    def _seek(self, start: int, *, last: bool) -> tuple[int, _Frame]:
        """Where from `start` on a record stands, or how far there is none.

        In the second case the frame is "bad". It is "more" where a record could stand if more
        follows.
        """
        data, at = self.data, max(start, self.sought - self.base)
        frame: _Frame = "bad"
        begin = max(at, len(data) - self.overlap)
        while match := _CANDIDATE.search(data, at):
            at = match.start() + 1
            if not data.startswith(self.chain, match.end()):
                continue
            frame = _frame(data, match.start())
            if frame != "bad" and not (frame == "more" and last):
                begin = match.start()
                break
            frame = "bad"
        self.sought = self.base + begin
        return begin, frame

    def _tail(self, at: int) -> Damage:
        """The bytes after the last record: a write that did not finish, or damage."""
        rest, end = self.data[at:], self.base + len(self.data)
        zeros = not rest.strip(b"\x00")
        if self.lost is not None:
            return Damage(self.lost, end, "zeros" if zeros and self.blank else None)
        if zeros:
            return Damage(self.base + at, end, "zeros")
        return Damage(self.base + at, end, "record" if _frame(self.data, at) == "more" else None)


def _cut(data: bytes, base: int, start: int, frame: _Whole) -> Record:
    entry, body, value, end = frame
    return Record(data[entry:body], data[value:end], base + start, base + end)


def _frame(data: bytes, at: int) -> _Frame:  # noqa: C901, PLR0911, PLR0912  (one branch a form, and no call in the hot path)
    """The record at `at` of `data`, or whether more bytes could make it one.

    Lengths must be as short as they can be.
    """
    size = len(data)
    if data[at] != _PAIR:
        return "bad"
    if size < at + 4:
        return "more" if size < at + 2 or data[at + 1] in b"\xc4\xc5" else "bad"
    if data[at + 1] == 0xC4:
        entry = at + 3
        body = entry + data[at + 2]
    elif (
        data[at + 1] == 0xC5
        and 0xFF < (length := int.from_bytes(data[at + 2 : at + 4])) <= ENTRY_LIMIT
    ):
        entry = at + 4
        body = entry + length
    else:
        return "bad"
    if size < body + 5 and not (
        size >= body + 2 and data[body] == 0xC4 and size >= body + 2 + data[body + 1]
    ):
        # A record without a body ends two bytes on; any other needs more to be told.
        return "more" if size <= body or data[body] in b"\xc4\xc5\xc6" else "bad"
    form = data[body]
    if form == 0xC5:
        value, length = body + 3, data[body + 1] << 8 | data[body + 2]
        if length <= 0xFF:
            return "bad"
    elif form == 0xC4:
        value, length = body + 2, data[body + 1]
    elif form == 0xC6:
        value, length = body + 5, int.from_bytes(data[body + 1 : body + 5])
        if not 0xFFFF < length <= PARTIAL_LIMIT:
            return "bad"
    else:
        return "bad"
    end = value + length
    if size < end:
        return "more"
    return entry, body, value, end
