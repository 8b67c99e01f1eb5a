"""The checkpoints in another store.

Those of chains that are held here, signed by their logs, are kept, whatever they say.

One that fits brings cosignatures; one that does not is evidence of a fork or of a rollback. What
nobody who might signed is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.errors import ChainlogError
from chainlog.format.checkpoint import parse_checkpoint
from chainlog.format.note import format_note
from chainlog.ledger.checkpoints import checkpoints_of, take_checkpoint
from chainlog.verifier.checkpoints import AGAINST_LIMIT

if TYPE_CHECKING:
    from chainlog.ledger.checkpoints import TakenCheckpoint
    from chainlog.ledger.ledger import Ledger
    from chainlog.store.shelf import Shelf


def take_checkpoints(ledger: Ledger, other: Shelf, chain: bytes) -> list[TakenCheckpoint]:
    """Take what the other keeps of a chain that is held here, and say how ours compares with it.

    Raises StoreError.
    """
    known = {note.text: set(note.signatures) for note in checkpoints_of(ledger, chain)}
    taken: list[TakenCheckpoint] = []
    tree, against = ledger.tree(chain), 0
    for note in other.checkpoints(chain):
        told = parse_checkpoint(note.text)
        fits = told.size <= tree.size and tree.agrees(told.size, told.root)
        against += not fits
        # A few tell all: whoever has a log's key could sign so many that nobody would read the
        # folder any more.
        if (fits or against <= AGAINST_LIMIT) and not set(note.signatures) <= known.get(
            note.text, set()
        ):
            try:
                taken.append(take_checkpoint(ledger, format_note(note)))
            except ChainlogError:
                continue  # nobody who might signed it, so it says nothing
    tree.close()
    return taken
