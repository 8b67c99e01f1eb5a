"""Records and the stream of them that a segment is (FORMAT.md 5).

    record  = canonical array of two bin: [entry, body]       body: full, partial, or empty where none is held
    segment = record || record || ...

`scan` reads such a stream from chunks of any size. After damage it resynchronises on the bytes with which every header begins,
so that one broken record costs no other. It holds one chunk and one record at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from chainlog import canonical
from chainlog.commitment import PARTIAL_LIMIT
from chainlog.entry import ENTRY_LIMIT, HEADER_MARK
from chainlog.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RECORD_LIMIT: Final = 1 + 3 + ENTRY_LIMIT + 5 + PARTIAL_LIMIT
_PAIR: Final = 0x92


class Record(msgspec.Struct, frozen=True):
    """One record: the bytes of its entry and of its body, and where in the stream it begins and ends."""

    entry: bytes
    body: bytes
    start: int = 0
    end: int = 0


class Damage(msgspec.Struct, frozen=True):
    """Bytes from `start` to `end` of a stream that are no record. `torn`: they could be a write that did not finish.

    `torn` is "record" for a strict prefix of one record, "zeros" where all bytes are zero, None for anything else.
    """

    start: int
    end: int
    torn: Literal["record", "zeros"] | None


def format_record(entry: bytes, body: bytes) -> bytes:
    """The bytes of a record."""
    return canonical.pack((entry, body))


def parse_record(data: bytes) -> Record:
    """The one record that `data` is. Raises RecordError."""
    found = _frame(data, 0)
    if not isinstance(found, Record) or found.end != len(data):
        raise RecordError("not a record")
    return found


def scan(chunks: Iterable[bytes], chain: bytes | None = None, start: int = 0) -> Iterator[list[Record | Damage]]:
    """The records in `chunks`, in lists of a chunk's worth, with the damage between them. Never raises.

    `chain`: the id of the chain, where it is known; it makes resynchronising surer. `start`: the offset of the first byte.
    A record is given out only once the next one, or the end, follows it: a length that was damaged shows there.
    """
    scanner = _Scanner(HEADER_MARK + (chain or b""), start)
    for chunk in chunks:
        found = scanner.feed(chunk, last=False)
        if found:
            yield found
    found = scanner.feed(b"", last=True)
    if found:
        yield found


_Frame = Record | Literal["more", "bad"]


class _Scanner:
    """What is left of the chunks seen: bytes from offset `base` on, a record held back, the start of damage not yet passed."""

    __slots__ = ("base", "data", "held", "lost", "mark", "zeros")

    def __init__(self, mark: bytes, start: int) -> None:
        self.mark = mark
        self.data = b""
        self.base = start
        self.held: Record | None = None
        self.lost: int | None = None
        # Whether all the bytes of that damage that were let go of were zero.
        self.zeros = True

    def feed(self, chunk: bytes, *, last: bool) -> list[Record | Damage]:
        """What can be told now. `last`: nothing follows `chunk`."""
        self.data = data = self.data + chunk
        base, found = self.base, list[Record | Damage]()
        at = 0 if self.held is None else self.held.end - base
        while at < len(data) or self.lost is not None:
            frame = "bad" if self.lost is not None else _frame(data, at, base)
            if isinstance(frame, Record):
                if self.held is not None:
                    found.append(self.held)
                self.held, at = frame, frame.end - base
            elif frame == "more" and not last:
                break
            else:
                resumed = self._resume(found, at, last=last)
                if resumed is None:
                    return found
                at = resumed
        if last and self.held is not None:
            found.append(self.held)
            self.held = None
        keep = at if self.held is None else self.held.start - base
        self.data, self.base = data[keep:], base + keep
        return found

    def _resume(self, found: list[Record | Damage], at: int, *, last: bool) -> int | None:
        """Where the next record begins after damage at `at`; None when these bytes do not say, or there is none."""
        data, base, held = self.data, self.base, self.held
        origin = at if held is None else held.start - base
        begin, frame = _next_record(data, origin + (self.lost is None), self.mark, base, last=last)
        if isinstance(frame, Record):
            # A record within the one held back: that one's length is a lie.
            if held is not None and begin >= at:
                found.append(held)
                origin = at
            found.append(Damage(base + origin if self.lost is None else self.lost, base + begin, None))
            self.held = self.lost = None
            return begin
        if last:
            if held is not None:
                found.append(held)
            found.append(self._tail(at))
            self.held = self.lost = None
            self.data = b""
            return None
        keep = begin if frame == "more" else max(origin, len(data) - len(self.mark) - 4)
        if held is None or keep >= at:
            if held is not None:
                found.append(held)
                self.held = None
            if self.lost is None:
                self.lost, self.zeros = base + at, True
            self.zeros = self.zeros and not data[at:keep].strip(b"\x00")
            self.data, self.base = data[keep:], base + keep
        return None

    def _tail(self, at: int) -> Damage:
        """The bytes after the last record: a write that did not finish, or damage."""
        rest, end = self.data[at:], self.base + len(self.data)
        if self.lost is not None:
            zeros = self.zeros and not rest.strip(b"\x00")
            return Damage(self.lost, end, "zeros" if zeros else None)
        if not rest.strip(b"\x00"):
            return Damage(self.base + at, end, "zeros")
        return Damage(self.base + at, end, "record" if _frame(self.data, at, self.base) == "more" else None)


def _next_record(data: bytes, start: int, mark: bytes, base: int, *, last: bool) -> tuple[int, _Frame]:
    """The first place from `start` on where a record whose header begins with `mark` stands, or could if more follows."""
    at = start
    while (at := data.find(mark, at)) >= 0:
        for before in (3, 4):
            begin = at - before
            if begin < start or (frame := _frame(data, begin, base)) == "bad" or _entry_offset(data, begin) != before:
                continue
            if frame != "more" or not last:
                return begin, frame
        at += 1
    return -1, "bad"


def _entry_offset(data: bytes, at: int) -> int:
    return 3 if data[at + 1] == 0xC4 else 4


def _frame(data: bytes, at: int, base: int = 0) -> _Frame:  # noqa: C901, PLR0911, PLR0912  (one branch a form, and no call in the hot path)
    """The record at `at` of `data`, or whether more bytes could make it one. Lengths must be as short as they can be."""
    size = len(data)
    if data[at] != _PAIR:
        return "bad"
    if size < at + 4:
        return "more" if size < at + 2 or data[at + 1] in b"\xc4\xc5" else "bad"
    if data[at + 1] == 0xC4:
        entry = at + 3
        body = entry + data[at + 2]
    elif data[at + 1] == 0xC5 and 0xFF < (length := int.from_bytes(data[at + 2 : at + 4])) <= ENTRY_LIMIT:
        entry = at + 4
        body = entry + length
    else:
        return "bad"
    if size < body + 5 and not (size >= body + 2 and data[body] == 0xC4 and size >= body + 2 + data[body + 1]):
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
    return Record(data[entry:body], data[value:end], base + at, base + end)
