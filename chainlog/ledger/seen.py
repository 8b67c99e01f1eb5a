"""What a ledger's own chain may record as seen: a checkpoint of itself that a witness cosigned.

What comes after that checkpoint is verified before: the entry that records it is signed over it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.errors import NoteError, StoreError
from chainlog.format.checkpoint import parse_checkpoint
from chainlog.format.note import Note, parse_note
from chainlog.ledger.checkpoints import lines_of, standing_checkpoints
from chainlog.ledger.growth import grown
from chainlog.ledger.taken import take_checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chainlog.format.note import VerifierKey
    from chainlog.ledger.ledger import Ledger


def _proven_seen(ledger: Ledger, note: Note, witnesses: Iterable[VerifierKey]) -> Note | None:
    """A checkpoint of this ledger's own chain with the lines that hold.

    None where no witness cosigned it. Raises OtherEntriesError where an entry after it does not
    hold.
    """
    told = parse_checkpoint(note.text)
    lines = lines_of(ledger, ledger.chain, [note])
    whole = lines.proven(note, witnesses)
    if all(one.name == told.origin for one in whole.signatures) or not lines.is_signed(whole):
        return None
    grown(ledger, ledger.chain, told, ledger.head.size)
    return whole


def check_seen(ledger: Ledger, data: bytes, witnesses: Iterable[VerifierKey]) -> Note:
    """A checkpoint that this ledger's own chain is to record as seen, with the lines that hold.

    `witnesses`: those that count.

    Raises NoteError where it is not one of this chain as it stands, or where none of them cosigned
    it; OtherEntriesError, StoreError.
    """
    note = parse_note(data)
    told = parse_checkpoint(note.text)
    if told.chain != ledger.chain:
        raise NoteError("the checkpoint is of {origin}, not of this chain", origin=told.origin)
    taken = take_checkpoint(ledger, data)
    if taken.state != "fits":
        raise NoteError(
            "the checkpoint of {size} entries does not fit this chain",
            size=told.size,
            hint="run 'chainlog verify'",
        )
    seen = _proven_seen(ledger, note, witnesses)
    if seen is None:
        hint = (
            "have it cosigned first; where the authority's chain is not here, which says who "
            "counts, take it: chainlog sync PATH"
        )
        raise NoteError(
            "no witness that counts cosigned this checkpoint, so it says nothing of the time",
            hint=hint,
        )
    return seen


def newest_cosigned(ledger: Ledger, witnesses: Iterable[VerifierKey]) -> Note:
    """The newest checkpoint of this ledger's own chain that one of these witnesses cosigned.

    It is kept here and stands, and it has the lines that hold. Raises StoreError.
    """
    known = tuple(witnesses)
    for note in reversed(standing_checkpoints(ledger, ledger.chain)):
        seen = _proven_seen(ledger, note, known)
        if seen is not None:
            return seen
    raise StoreError(
        "no cosigned checkpoint of this chain is kept here",
        hint="have one cosigned, or take it from the hub: chainlog sync PATH",
    )
