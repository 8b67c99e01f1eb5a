"""The shelf: the store's second contract, for all that is kept of chains but their records.

    checkpoints   made or received, all signatures of one text together; kept for ever
    conflicts     both sides of each fork that was met; kept for ever
    tree          the cells of the stored tree; derived, may be gone at any time
    attachments   files by their SHA-256; they belong to no chain
    as it lies    each chain's bytes, for the verifier and for whoever takes from here

What is kept is durable when the verb returns. None of it is believed: whoever reads a checkpoint
checks its signatures, whoever reads an attachment compares it with its digest, and a fork is proven
by its entries. So an engine may keep it in any way, as long as it gives back the bytes.

What an engine does of it, it does for chains that it holds no record of, too: of a chain that was
taken away the checkpoints stay, and accuse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from chainlog.format.note import SIGNATURE_LIMIT, Note, merge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chainlog.format.record import Record
    from chainlog.store.cells import Cells
    from chainlog.store.raw import RawChain

# So many bytes of the other branch are kept: its first entry is the proof, what follows is for
# finding lost events again.
BRANCH_LIMIT: Final = 64 * 2**20
# Forks of a chain that are kept, and read: nobody met so many.
FORKS_LIMIT: Final = 1000
# What to do where a copy is damaged: `sync` puts back what another one has whole.
TAKE_ANEW: Final = "take it anew from whoever holds it whole: chainlog sync WHO"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A fork: two entries that hold at one index of one chain.

    `ours`, `theirs`: their ids, 32 bytes each.
    """

    chain: bytes
    index: int
    ours: bytes
    theirs: bytes


class Shelf(Protocol):
    """What a store keeps of chains beside their records."""

    @property
    def place(self) -> str:
        """Where it is, in words: a folder's path, or a URL."""
        ...

    def is_same(self, other: Shelf) -> bool:
        """Whether both are one store, by whatever names."""
        ...

    # As it lies

    def shelved(self) -> list[bytes]:
        """The chains under whose ids anything lies here, in their order.

        Nothing is looked at but names. Raises NoLedgerError where this is no store, StoreError.
        """
        ...

    def raw(self, chain: bytes) -> RawChain:
        """One chain as it lies; without a segment where there is none. Raises StoreError."""
        ...

    def raw_chains(self, own: bytes | None = None) -> list[RawChain]:
        """All that lies here as a chain, whatever its name; and `own`, even if nothing is left.

        Raises StoreError.
        """
        ...

    def mend(self, chain: bytes, first: int, records: Iterable[tuple[bytes, bytes]]) -> str:
        """Put these `(entry, body)` pairs in the place of the segment that begins with `first`.

        They are durable when this returns. What lay there is damaged, and is kept aside: returns
        where, in words, empty where nothing was. The caller verifies the records while they are
        taken; what that raises leaves everything as it was. Raises LockedError, StoreError.
        """
        ...

    # Checkpoints

    def checkpoints(self, chain: bytes, *, ahead: bool = False) -> list[Note]:
        """The checkpoints kept of a chain, by size, one a text; what is none is passed over.

        `ahead`: those that went beyond what was held when they were met, which are kept apart:
        whether their keys might sign them, later entries say. Raises StoreError.
        """
        ...

    def keep_checkpoint(
        self, chain: bytes, note: Note, *, first: bool = False, ahead: bool = False
    ) -> Note:
        """Keep a checkpoint, durably, with the signatures of it that are kept (`joined`).

        Two who add to one at once lose nothing. Returns all of it. Raises NoteError, LockedError,
        StoreError.
        """
        ...

    def put_checkpoint(self, chain: bytes, note: Note) -> None:
        """Put these signatures of a checkpoint in the place of those that are kept, durably.

        Raises StoreError.
        """
        ...

    # Forks

    def conflicts(self, chain: bytes) -> list[Conflict]:
        """The forks of a chain that are kept, in the order of their index. Raises StoreError."""
        ...

    def keep_conflict(self, conflict: Conflict, ours: Record, theirs: Iterable[Record]) -> bool:
        """Keep both sides of a fork, durably: our entry, then their branch (`BRANCH_LIMIT`).

        Keeping it twice is harmless: the longer branch stays. Returns whether the whole of
        `theirs` was kept. Raises StoreError, having left nothing behind.
        """
        ...

    def conflict_place(self, conflict: Conflict) -> str:
        """Where both sides of a fork are kept, or would be, in words."""
        ...

    def cut_conflicts(
        self, chain: bytes, entries: Sequence[bytes], *, remove: bool
    ) -> list[Conflict]:
        """The forks of a chain that hold a body of one of these entries (their bytes).

        `remove`: take those bodies out, durably. What a fork that was not kept to its end left
        behind goes in any case: nobody would find it. Raises StoreError.
        """
        ...

    # The tree

    def cells(self, chain: bytes) -> Cells:
        """Where the stored tree of a chain stands.

        Where whoever asks has no mark of the chain, nothing that is stored is given.
        """
        ...

    # Attachments

    def put_blob(self, chunks: Iterable[bytes]) -> tuple[bytes, int]:
        """Keep an attachment, durably; returns its SHA-256 and its size in bytes.

        Keeping it twice is harmless. Raises StoreError, and what `chunks` raises, having left
        nothing behind.
        """
        ...

    def blob(self, digest: bytes) -> Iterator[bytes]:
        """The attachment with this SHA-256, as it is held: whoever reads it compares.

        Raises NoBlobError, StoreError.
        """
        ...

    def drop_blob(self, digest: bytes) -> None:
        """Let go of an attachment: durable when this returns. Raises NoBlobError, StoreError."""
        ...

    def holds_blob(self, digest: bytes) -> bool:
        """Whether an attachment is held. Whether it is what it should be, only reading it says."""
        ...

    def blobs(self) -> Iterator[bytes]:
        """The SHA-256 of each attachment that is held, by name, in their order.

        Raises StoreError where that cannot be told.
        """
        ...


def joined(kept: Note | None, note: Note, *, first: bool = False) -> Note:
    """A checkpoint together with what is kept of it. Raises NoteError.

    Whose the signatures are is for the caller to see to: where they are more than a note may have,
    those that are kept stay, or, with `first`, those that come now, since the caller vouches for
    them.
    """
    both = [] if kept is None else [kept]
    whole = merge([note, *both]) if first else merge([*both, note])
    return Note(whole.text, whole.signatures[:SIGNATURE_LIMIT])
