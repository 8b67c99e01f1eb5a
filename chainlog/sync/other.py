"""Another ledger's folder, read as it lies: it may be anybody's.

None of its derived files is believed, and nothing in it is written.

What is met is what it is by its bytes alone: names of folders and segments only say where to look
first. Pipes, devices and what cannot be read end a chain there. Memory is bounded whatever lies
there: one chunk, one record, one group of records.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from chainlog.errors import EntryError, NoLedgerError, StoreError
from chainlog.format.entry import is_id, parse_entry
from chainlog.format.record import Record, scan
from chainlog.store.segment.folder import chunks_of, first_record, segments_in
from chainlog.verifier.report import Fault
from chainlog.verifier.run import Missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from chainlog.format.record import Damage

# Records verified and stored together: so many, and no more bytes than this and one record.
GROUP: Final = 1024
GROUP_BYTES: Final = 8 * 2**20
_SHARD: Final = re.compile(r"[0-9a-f]{2}")


class Group(NamedTuple):
    """Records that follow each other in one file, and what ends the chain after them.

    `end` is None where nothing but its own end does.
    """

    name: str
    records: list[Record]
    end: Fault | None


def chains_at(ledger: Path) -> list[bytes]:
    """The chains in another ledger's folder, by the names of their folders.

    Raises NoLedgerError, StoreError.
    """
    try:
        with os.scandir(ledger / "chains") as found:
            return sorted(
                bytes.fromhex(one.name) for one in found if is_id(one.name) and _is_folder(one)
            )
    except (FileNotFoundError, NotADirectoryError):
        raise NoLedgerError(
            f"no ledger at {ledger}: it has no folder 'chains'",
            hint="name the folder of another ledger",
        ) from None
    except (OSError, ValueError) as error:
        raise StoreError(f"{str(ledger)[:200]!r} cannot be read: {error}") from None


def _is_folder(found: os.DirEntry[str]) -> bool:
    try:
        return found.is_dir()
    except OSError:
        return False  # a link that leads nowhere, or round in circles


def attachments_at(ledger: Path) -> Iterator[bytes]:
    """The digests that files below another ledger's `blobs` are named after."""
    blobs = ledger / "blobs"
    for shard in _names_in(blobs):
        if _SHARD.fullmatch(shard):
            yield from (
                bytes.fromhex(name)
                for name in _names_in(blobs / shard)
                if is_id(name) and name[:2] == shard
            )


def _names_in(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208  (names are all that is asked for)
    except OSError:
        return []  # a folder that cannot be read has nothing to give


@dataclass(frozen=True, slots=True)
class OtherChain:
    """One chain's folder in another ledger."""

    chain: bytes
    segments: list[tuple[int, Path]]

    @classmethod
    def at(cls, ledger: Path, chain: bytes) -> OtherChain:
        """The chain's folder. Raises StoreError where it cannot be read."""
        return cls(chain, segments_in(ledger / "chains" / chain.hex()))

    def place_of(self, index: int) -> int:
        """The place of the segment that should hold entry `index`.

        The first where, by the names, none does.
        """
        return max(bisect_right([first for first, _ in self.segments], index) - 1, 0)

    def after(self, record: Record, index: int) -> tuple[int, int] | None:
        """Where the chain goes on after our record of entry `index`: (place, offset).

        It is None unless the record stands here at the same place as with us.

        Copies are mostly alike, so this saves reading what both have. Nothing is believed: the
        entry is compared, and it fixes all before.
        """
        if not self.segments:
            return None
        place = self.place_of(index)
        try:
            found = first_record(self.segments[place][1], record.start, self.chain)
        except StoreError:
            return None
        return (place, found.end) if found is not None and found.entry == record.entry else None

    def opening_of(self, place: int) -> Record | None:
        """The first record of a segment."""
        try:
            return first_record(self.segments[place][1], 0, self.chain)
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
                    entry = parse_entry(one.entry)
                except EntryError:
                    return None
                if entry.header.index >= index:
                    return (
                        entry.id
                        if entry.header.index == index and entry.chain == self.chain
                        else None
                    )
        return None

    def read(self, place: int, offset: int) -> Iterator[tuple[str, Record | Fault]]:
        """What stands from an offset of a segment on, each with the file's name.

        Records, until a Fault or the end. Never raises.
        """
        for at in range(place, len(self.segments)):
            path = self.segments[at][1]
            try:
                for found in scan(chunks_of(path, offset), self.chain, offset):
                    for one in found:
                        if not isinstance(one, Record):
                            yield (
                                path.name,
                                self._fault(one, path, last=at == len(self.segments) - 1),
                            )
                            return
                        yield path.name, one
            except StoreError as error:
                yield path.name, Missing(self.chain.hex(), None, 1, "unreadable", error.message)
                return
            offset = 0

    def _fault(self, damage: Damage, path: Path, *, last: bool) -> Fault:
        where = f"{path}, bytes {damage.start} to {damage.end}"
        if last and damage.torn is not None:
            message = f"{where}: a last write that did not finish, or an end that was cut off"
            return Missing(self.chain.hex(), None, 1, "torn-tail", message)
        return Fault(self.chain.hex(), None, 1, "damaged", f"{where}: no record can be read here")


def groups(stream: Iterable[tuple[str, Record | Fault]]) -> Iterator[Group]:
    """The stream in groups, each of one file; a group with an end is the last."""
    name, records, size = "", list[Record](), 0
    for where, one in stream:
        if not isinstance(one, Record):
            yield Group(name or where, records, one)
            return
        if records and (where != name or len(records) >= GROUP or size >= GROUP_BYTES):
            yield Group(name, records, None)
            records, size = [], 0
        name = where
        records.append(one)
        size += len(one.entry) + len(one.body)
    if records:
        yield Group(name, records, None)
