"""Chains in memory: for tests, and for a program that only wants to look at something.

    memory:

It is both contracts and nothing else, gone with the process, and what other engines are compared
with. Nothing is durable
here, no outcome is unknown, and one process, which may have several threads, is all that sees it.
"""

from __future__ import annotations

from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Final

from chainlog.errors import BehindMarkError, HeadMovedError, NoBlobError, NoChainError, NoEntryError
from chainlog.format.checkpoint import parse_checkpoint
from chainlog.format.entry import entry_id
from chainlog.format.note import format_note
from chainlog.format.record import Record, format_record
from chainlog.store.cells import MemoryCells
from chainlog.store.engine import EMPTY, Head
from chainlog.store.raw import RawChain, RawCheckpoint, RawFork, framed
from chainlog.store.shelf import BRANCH_LIMIT, Conflict, joined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from chainlog.errors import Sentence
    from chainlog.format.note import Note
    from chainlog.store.shelf import Shelf


SCHEME: Final = "memory"


def open_at(_url: str, mark: Callable[[bytes], Head | None]) -> MemoryEngine:
    """A new store in memory: nobody else has it."""
    return MemoryEngine(mark)


class MemoryEngine:
    """Records in lists, and what is kept beside them in dictionaries."""

    def __init__(self, mark: Callable[[bytes], Head | None] = lambda _chain: None) -> None:
        self._mark = mark
        self._chains: dict[bytes, list[tuple[bytes, bytes]]] = {}
        self._ids: dict[bytes, list[bytes]] = {}
        self._blobs: dict[bytes, bytes] = {}
        # By chain and whether they are ahead, then by size and root.
        self._checkpoints: dict[tuple[bytes, bool], dict[tuple[int, bytes], Note]] = {}
        self._conflicts: dict[Conflict, list[tuple[bytes, bytes]]] = {}
        self._cells: dict[bytes, bytearray] = {}
        # Several threads may keep checkpoints at once.
        self._lock = Lock()

    def chains(self) -> list[bytes]:
        """The chains held."""
        return sorted(self._chains)

    def head(self, chain: bytes) -> Head:
        """The chain's head."""
        ids = self._known(chain)
        return Head(len(ids), ids[-1])

    def prepare(self, chain: bytes) -> Head:
        """Always ready, unless somebody put an older copy here."""
        head = self.head(chain)
        mark = self._mark(chain)
        if mark is not None and mark.size and self._ids[chain][mark.size - 1 :][:1] != [mark.id]:
            raise BehindMarkError(
                "chain {chain}…: what was acknowledged here, {size} entries, is not what "
                "is held: this is another copy",
                chain=chain.hex()[:16],
                size=mark.size,
                hint="'chainlog sync PATH' from whoever holds more of it",
            )
        return head

    def may_write(self, chain: bytes) -> bool:
        """Whoever has it may."""
        return chain in self._ids

    def append(self, chain: bytes, expected: Head, records: Sequence[tuple[bytes, bytes]]) -> Head:
        """Append records to the expected head."""
        head = self.prepare(chain) if chain in self._ids else EMPTY
        if head != expected:
            raise HeadMovedError(
                "the chain has {size} entries, not {size2} as expected",
                size=head.size,
                size2=expected.size,
            )
        if records:
            self._chains.setdefault(chain, []).extend(
                (bytes(entry), bytes(body)) for entry, body in records
            )
            self._ids.setdefault(chain, []).extend(entry_id(entry) for entry, _ in records)
            return self.head(chain)
        return head

    def replace(self, chain: bytes, expected: Head, bodies: Mapping[int, bytes]) -> None:
        """Give entries other bodies."""
        head = self.prepare(chain)
        if head != expected:
            raise HeadMovedError(
                "the chain has {size} entries, not {size2} as expected",
                size=head.size,
                size2=expected.size,
            )
        for index in bodies:
            if not 0 <= index < head.size:
                raise NoEntryError(
                    "no entry {index}: the chain has {size}", index=index, size=head.size
                )
        held = self._chains[chain]
        for index, body in bodies.items():
            held[index] = held[index][0], bytes(body)

    def read(self, chain: bytes, start: int = 0, stop: int | None = None) -> Iterator[Record]:
        """The records of a range."""
        self._known(chain)
        stop = None if stop is None else max(stop, 0)
        return iter(
            [Record(entry, body) for entry, body in self._chains[chain][max(start, 0) : stop]]
        )

    def ids(self, chain: bytes, start: int, stop: int) -> bytes:
        """The ids of a range, one after the other."""
        ids = self._known(chain)
        if not 0 <= start <= stop <= len(ids):
            raise NoEntryError(
                "no entries {start} to {stop}: the chain has {count}",
                start=start,
                stop=stop,
                count=len(ids),
            )
        return b"".join(ids[start:stop])

    def unread(self, chain: bytes) -> Sentence | None:
        """Nothing: what is held was given as records."""
        self._known(chain)
        return None

    def find(self, chain: bytes, prefix: str) -> list[int]:
        """The indexes of entries whose id begins with `prefix`."""
        return [
            index for index, one in enumerate(self._known(chain)) if one.hex().startswith(prefix)
        ][:2]

    def close(self) -> None:
        """Nothing to let go of."""

    def _known(self, chain: bytes) -> list[bytes]:
        if chain not in self._ids:
            raise NoChainError("chain {chain}… is not held", chain=chain.hex()[:16])
        return self._ids[chain]

    # The shelf

    @property
    def place(self) -> str:
        """Its URL; there may be others of the same."""
        return f"{SCHEME}:"

    def is_same(self, other: Shelf) -> bool:
        """Whether it is this one."""
        return other is self

    def shelved(self) -> list[bytes]:
        """The chains that anything is kept of."""
        beside = {chain for (chain, _), kept in self._checkpoints.items() if kept}
        return sorted({*self._chains, *beside, *(one.chain for one in self._conflicts)})

    def raw(self, chain: bytes) -> RawChain:
        """One chain, its records framed."""
        where = f"{self.place}{chain.hex()}"
        segments = (framed(where, lambda: self.read(chain)),) if chain in self._chains else ()
        return RawChain(
            where,
            chain,
            segments,
            checkpoints=lambda: [
                RawCheckpoint(size, root.hex(), format_note(note), ahead)
                for ahead in (False, True)
                for (size, root), note in sorted(self._kept(chain, ahead=ahead).items())
            ],
            forks=lambda: [
                RawFork(f"fork at entry {one.index}", one.index, lambda one=one: self._sides(one))  # type: ignore[misc]
                for one in self.conflicts(chain)
            ],
        )

    def raw_chains(self, own: bytes | None = None) -> list[RawChain]:
        """All of them, and `own`."""
        chains = {*self.shelved(), *([] if own is None else [own])}
        return [self.raw(chain) for chain in sorted(chains)]

    def mend(self, chain: bytes, first: int, records: Iterable[tuple[bytes, bytes]]) -> str:
        """Put these records in the place of all from `first` on, which is nowhere else then."""
        whole = [(bytes(entry), bytes(body)) for entry, body in records]
        self._chains.setdefault(chain, [])[first:] = whole
        self._ids.setdefault(chain, [])[first:] = [entry_id(entry) for entry, _ in whole]
        return ""

    def checkpoints(self, chain: bytes, *, ahead: bool = False) -> list[Note]:
        """The checkpoints kept of a chain."""
        return [note for _, note in sorted(self._kept(chain, ahead=ahead).items())]

    def keep_checkpoint(
        self, chain: bytes, note: Note, *, first: bool = False, ahead: bool = False
    ) -> Note:
        """Keep a checkpoint."""
        told = parse_checkpoint(note.text)
        with self._lock:
            held = self._checkpoints.setdefault((chain, ahead), {})
            whole = joined(held.get((told.size, told.root)), note, first=first)
            held[told.size, told.root] = whole
        return whole

    def put_checkpoint(self, chain: bytes, note: Note) -> None:
        """Put these signatures in the place of those that are kept."""
        told = parse_checkpoint(note.text)
        with self._lock:
            self._checkpoints.setdefault((chain, False), {})[told.size, told.root] = note

    def _kept(self, chain: bytes, *, ahead: bool) -> dict[tuple[int, bytes], Note]:
        with self._lock:
            return dict(self._checkpoints.get((chain, ahead), {}))

    def conflicts(self, chain: bytes) -> list[Conflict]:
        """The forks of a chain that are kept."""
        found = [one for one in self._conflicts if one.chain == chain]
        return sorted(found, key=lambda one: (one.index, one.ours, one.theirs))

    def keep_conflict(self, conflict: Conflict, ours: Record, theirs: Iterable[Record]) -> bool:
        """Keep both sides of a fork."""
        sides, size, whole = [(ours.entry, ours.body)], 0, True
        for record in theirs:
            more = len(format_record(record.entry, record.body))
            if size and size + more > BRANCH_LIMIT:
                whole = False
                break
            sides.append((record.entry, record.body))
            size += more
        if len(sides) > len(self._conflicts.get(conflict, [])):
            self._conflicts[conflict] = sides
        return whole

    def conflict_place(self, conflict: Conflict) -> str:
        """The chain and the index."""
        return f"{self.place}{conflict.chain.hex()}, fork at entry {conflict.index}"

    def cut_conflicts(
        self, chain: bytes, entries: Sequence[bytes], *, remove: bool
    ) -> list[Conflict]:
        """The forks that hold a body of one of these entries."""
        found = []
        for conflict in self.conflicts(chain):
            sides = self._conflicts[conflict]
            if any(body and entry in entries for entry, body in sides):
                found.append(conflict)
                if remove:
                    self._conflicts[conflict] = [
                        (entry, b"" if entry in entries else body) for entry, body in sides
                    ]
        return found

    def _sides(self, conflict: Conflict) -> Iterator[bytes]:
        for entry, body in self._conflicts[conflict]:
            yield format_record(entry, body)

    def cells(self, chain: bytes) -> MemoryCells:
        """The cells of a chain's stored tree."""
        return MemoryCells(self._cells, chain)

    def holds_blob(self, digest: bytes) -> bool:
        """Whether an attachment is held."""
        return digest in self._blobs

    def blobs(self) -> Iterator[bytes]:
        """What is held."""
        return iter(sorted(self._blobs))

    def put_blob(self, chunks: Iterable[bytes]) -> tuple[bytes, int]:
        """Keep an attachment."""
        data = b"".join(chunks)
        digest = sha256(data).digest()
        self._blobs[digest] = data
        return digest, len(data)

    def blob(self, digest: bytes) -> Iterator[bytes]:
        """An attachment."""
        if digest not in self._blobs:
            raise NoBlobError("attachment {digest} is not held", digest=digest.hex())
        return iter([self._blobs[digest]])

    def drop_blob(self, digest: bytes) -> None:
        """Let go of an attachment."""
        if self._blobs.pop(digest, None) is None:
            raise NoBlobError("attachment {digest} is not held", digest=digest.hex())
