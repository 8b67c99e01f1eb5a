"""What a record says by itself, or beside the one before it: whether it may be a damaged one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.errors import BodyError, EntryError
from chainlog.format.body import is_full, open_body
from chainlog.format.entry import entry_id
from chainlog.format.keys import signature_holds
from chainlog.format.record import Record, scan
from chainlog.store.raw import CHUNK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.store.raw import RawSegment


def records_of(segment: RawSegment | None, chain: bytes) -> Iterator[Record | None]:
    """What stands in a segment: records, and None for what is none."""
    for found in scan(segment.chunks(0, CHUNK), chain) if segment is not None else ():
        for one in found:
            yield one if isinstance(one, Record) else None


def index_of(record: Record | None) -> int | None:
    """The index that an entry says it has; None where there is no entry to read."""
    try:
        return None if record is None else record.parsed.header.index
    except EntryError:
        return None


def prev_of(record: Record) -> bytes | None:
    """The id that an entry says it follows; None where it cannot be read."""
    try:
        return record.parsed.header.prev
    except EntryError:
        return None


def follows(record: Record, chain: bytes, index: int, before: Record | None) -> bool:
    """Whether it is an entry of the chain, in its place, that its author signed."""
    prev = prev_of(record)
    return is_signed(record, chain, index) and (before is None or prev == entry_id(before.entry))


def is_signed(record: Record, chain: bytes, index: int) -> bool:
    """Whether an author signed it for this place."""
    try:
        entry = record.parsed
    except EntryError:
        return False
    header = entry.header
    return (header.index, entry.chain) == (index, chain) and signature_holds(
        header.author, entry.signature, entry.signed
    )


def claims_all(mine: Record, other: Record) -> bool:
    """Whether ours seems to be held full. Of others what is fuller is taken (`bodies.py`)."""
    return is_full(mine.body) or len(mine.body) == len(other.body)


def body_holds(record: Record) -> bool:
    """Whether its body is absent, or the one that was committed to."""
    try:
        return not record.body or bool(open_body(record.body, record.parsed.header.body))
    except (BodyError, EntryError):
        return False
