"""Proofs for witnesses that the log of a checkpoint grew."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from chainlog.errors import ProofError
from chainlog.format.checkpoint import Checkpoint, parse_checkpoint
from chainlog.format.merkle import verify_consistency

if TYPE_CHECKING:
    from chainlog.format.note import Note
    from chainlog.store.tree import Tree


class Prover:
    """Proofs that the log of a checkpoint grew, checked before they are sent; for several threads.

    The tree is the caller's to close.
    """

    told: Checkpoint

    def __init__(self, note: Note, tree: Tree) -> None:
        self.told = parse_checkpoint(note.text)
        self._tree, self._lock = tree, Lock()

    def prove(self, old: int) -> tuple[bytes, ...]:
        """The proof from size `old` to the checkpoint's.

        Raises ProofError where what is held here has not its root, StoreError.
        """
        if old == 0:
            return ()
        with self._lock:
            try:
                return self._prove(old)
            except ProofError:
                self._tree.rebuild()
                return self._prove(old)

    def _prove(self, old: int) -> tuple[bytes, ...]:
        told = self.told
        proof = self._tree.consistency(old, told.size)
        verify_consistency(old, told.size, proof, self._tree.root(old), told.root)
        return tuple(proof)
