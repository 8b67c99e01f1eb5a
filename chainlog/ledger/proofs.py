"""Proofs that an entry is in a chain, by a checkpoint that covers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.errors import DamagedError, ProofError, StoreError
from chainlog.format.checkpoint import parse_checkpoint
from chainlog.format.merkle import verify_inclusion
from chainlog.format.proof import EntryProof
from chainlog.ledger.growth import Comparison

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chainlog.format.checkpoint import Checkpoint
    from chainlog.format.note import Note
    from chainlog.ledger.ledger import Ledger
    from chainlog.store.tree import Tree


def prove(ledger: Ledger, chain: bytes, index: int, notes: Sequence[Note]) -> EntryProof:
    """The proof that the entry at `index` is in the chain.

    It goes by the first of these checkpoints that covers the entry. The proof is checked before it
    is given out. Raises StoreError where no checkpoint covers the entry; OtherEntriesError where
    what lies here does not hold; DamagedError where another history was signed.
    """
    for note in notes:
        told = parse_checkpoint(note.text)
        if told.size > index:
            return EntryProof(index, tuple(_inclusion(ledger, chain, index, told)), note)
    raise StoreError(
        "no checkpoint that is kept here covers entry {index}",
        index=index,
        hint="make one: chainlog checkpoint; or take the newest from the site: chainlog sync PATH",
    )


def _inclusion(ledger: Ledger, chain: bytes, index: int, told: Checkpoint) -> list[bytes]:
    leaf, tree = ledger.entry(index, chain).entry.id, ledger.tree(chain)
    for proof in _tries(tree, index, told.size):
        try:
            verify_inclusion(leaf, index, told.size, proof, told.root)
        except ProofError:
            continue
        tree.close()
        return proof
    tree.close()
    with Comparison(ledger, chain) as compared:
        compared.fits(told)  # what does not hold here is said by its entry
    raise DamagedError(
        "entry {index} is not in the tree that the checkpoint of {size} was signed over",
        index=index,
        size=told.size,
        hint="two histories were signed: run 'chainlog verify'",
    )


def _tries(tree: Tree, index: int, size: int) -> Iterator[list[bytes]]:
    """The proof as the stored tree has it, then as it is when nothing stored is believed."""
    yield tree.inclusion(index, size)
    tree.rebuild()
    yield tree.inclusion(index, size)
