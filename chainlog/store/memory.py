"""Chains in memory: for tests, and for a program that only wants to look at something."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from chainlog.errors import HeadMovedError, NoBlobError, NoChainError, NoEntryError
from chainlog.format.entry import entry_id
from chainlog.format.record import Record
from chainlog.store.engine import EMPTY, Head

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


class MemoryEngine:
    """The contract, and nothing else. Gone with the process."""

    def __init__(self) -> None:
        self._chains: dict[bytes, list[tuple[bytes, bytes]]] = {}
        self._ids: dict[bytes, list[bytes]] = {}
        self._blobs: dict[bytes, bytes] = {}

    def chains(self) -> list[bytes]:
        """The chains held."""
        return sorted(self._chains)

    def head(self, chain: bytes) -> Head:
        """The chain's head."""
        ids = self._known(chain)
        return Head(len(ids), ids[-1])

    def prepare(self, chain: bytes) -> Head:
        """Always ready."""
        return self.head(chain)

    def append(self, chain: bytes, expected: Head, records: Sequence[tuple[bytes, bytes]]) -> Head:
        """Append records to the expected head."""
        ids = self._ids.get(chain, [])
        head = Head(len(ids), ids[-1]) if ids else EMPTY
        if head != expected:
            raise HeadMovedError(
                f"the chain has {head.size} entries, not {expected.size} as expected"
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
        head = self.head(chain)
        if head != expected:
            raise HeadMovedError(
                f"the chain has {head.size} entries, not {expected.size} as expected"
            )
        for index in bodies:
            if not 0 <= index < head.size:
                raise NoEntryError(f"no entry {index}: the chain has {head.size}")
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
            raise NoEntryError(f"no entries {start} to {stop}: the chain has {len(ids)}")
        return b"".join(ids[start:stop])

    def find(self, chain: bytes, prefix: str) -> list[int]:
        """The indexes of entries whose id begins with `prefix`."""
        return [
            index for index, one in enumerate(self._known(chain)) if one.hex().startswith(prefix)
        ][:2]

    def put_blob(self, chunks: Iterable[bytes]) -> tuple[bytes, int]:
        """Keep an attachment."""
        data = b"".join(chunks)
        digest = sha256(data).digest()
        self._blobs[digest] = data
        return digest, len(data)

    def blob(self, digest: bytes) -> Iterator[bytes]:
        """An attachment."""
        if digest not in self._blobs:
            raise NoBlobError(f"attachment {digest.hex()} is not held")
        return iter([self._blobs[digest]])

    def drop_blob(self, digest: bytes) -> None:
        """Let go of an attachment."""
        if self._blobs.pop(digest, None) is None:
            raise NoBlobError(f"attachment {digest.hex()} is not held")

    def close(self) -> None:
        """Nothing to let go of."""

    def _known(self, chain: bytes) -> list[bytes]:
        if chain not in self._ids:
            raise NoChainError(f"chain {chain.hex()[:16]}… is not held")
        return self._ids[chain]
