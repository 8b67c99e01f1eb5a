"""The store's first contract: records. Few verbs, and compare-and-swap on a chain's head.

Engines share the contracts, this and `shelf.py`, and one conformance suite, never code. An engine
takes what it is given: that the records follow each other and may be signed is for the ledger to
see to, before, and for the verifier, after. What an engine promises:

durable     What a verb wrote outlives a power cut when it returns. Records are there in order, each
            of them whole.
unknown     When a write fails (`UnknownOutcomeError`), none, some or all of it may be there. The
            engine writes nothing more until it was closed and is used again; then `prepare` says
            what is there. Nothing is ever assumed.
lies there  Nothing is acknowledged that lies elsewhere than where the next reader looks. Where
            files were moved or changed under the engine, the outcome is unknown, and what it has
            is saved.
one writer  Of two who append to one head, one at most succeeds. The other gets HeadMovedError, or
            LockedError before it wrote anything.
readers     They take no lock and wait for nobody. A reading gives the records as they were when it
            began; of a body that is being replaced, the old one or the new one.
old copies  `prepare`, and whatever writes first, compares the chain with the mark that the caller
            remembers (`open_store`), and refuses what is older, or another.
derived     Ids and where records stand may be lost, and are made anew. They are never believed
            unseen: who signs or shows anything of them checks it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from chainlog.errors import Sentence, UnreadableError
from chainlog.format.entry import NO_ID

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chainlog.format.record import Record


class Head(NamedTuple):
    """How far a chain has come.

    It says how many entries the chain has, and the id of the last (32 zero bytes where there is
    none).
    """

    size: int
    id: bytes


EMPTY = Head(0, NO_ID)


class Engine(Protocol):
    """A store of chains. Chains are named by the id of their entry 0 (32 bytes)."""

    def chains(self) -> list[bytes]:
        """The chains held, in the order of their ids."""
        ...

    def head(self, chain: bytes) -> Head:
        """The chain's head. Raises NoChainError."""
        ...

    def prepare(self, chain: bytes) -> Head:
        """Make a chain ready to be written, and return the head to append to.

        This recovers the chain from a crash. Raises NoChainError, LockedError, ReadOnlyError
        (BehindMarkError where it is an old copy), StoreError.
        """
        ...

    def may_write(self, chain: bytes) -> bool:
        """Whether this user may write a chain, as far as can be said without trying."""
        ...

    def append(self, chain: bytes, expected: Head, records: Sequence[tuple[bytes, bytes]]) -> Head:
        """Append `(entry, body)` pairs and return the new head; they are durable when this returns.

        A chain begins by appending to `EMPTY`. Raises HeadMovedError, having written nothing,
        unless the head is `expected`; ReadOnlyError, LockedError; UnknownOutcomeError when a write
        failed: none, some or all of the records, in order and each of them whole, may be there, and
        nothing more is written until the store is opened again.
        """
        ...

    def replace(self, chain: bytes, expected: Head, bodies: Mapping[int, bytes]) -> None:
        """Give entries, by their index, other bodies: erased (empty), withheld, or arrived late.

        They are durable when this returns.

        The entries stay as they are, so the head does too. What the engine keeps beside of a body
        that is erased goes with it. Raises NoChainError; HeadMovedError and NoEntryError, having
        changed nothing; DamagedError, ReadOnlyError, LockedError; UnknownOutcomeError when a write
        failed: each of the bodies is the old or the new one, whole, and nothing more is written
        until the store is opened again. Replacing them once more is harmless.
        """
        ...

    def read(self, chain: bytes, start: int = 0, stop: int | None = None) -> Iterator[Record]:
        """The records from index `start` to before `stop`, in order.

        Raises NoChainError, DamagedError.
        """
        ...

    def ids(self, chain: bytes, start: int, stop: int) -> bytes:
        """The ids of the entries from index `start` to before `stop`.

        They are 32 bytes each, one after the other: leaves of the tree. They may come from what is
        derived, so whoever signs or shows anything of them checks it. Raises NoChainError,
        NoEntryError.
        """
        ...

    def unread(self, chain: bytes) -> Sentence | None:
        """What follows the chain's last entry and cannot be read, in words; None for nothing.

        A write that did not finish is nothing, unless not one entry can be read. Raises
        NoChainError.
        """
        ...

    def find(self, chain: bytes, prefix: str) -> list[int]:
        """The indexes, at most two, of entries whose id in hex begins with `prefix`.

        Raises NoChainError.
        """
        ...

    def close(self) -> None:
        """Let go of locks and files.

        An engine that was closed can be used again; it opens anew what it needs.
        """
        ...


def check_whole(engine: Engine, chain: bytes) -> None:
    """Raises UnreadableError where something follows a chain's last entry and cannot be read."""
    size, why = engine.head(chain).size, engine.unread(chain)
    if why is None:
        return
    if size == 0:
        message = Sentence(
            "of chain {chain}… not one entry can be read: {why}", chain=chain.hex()[:16], why=why
        )
    else:
        message = Sentence(
            "chain {chain}… can be read up to entry {last} only: {why}",
            chain=chain.hex()[:16],
            last=size - 1,
            why=why,
        )
    raise UnreadableError(message, hint="run 'chainlog verify'; bring back a whole copy")
