"""Whose lines of a checkpoint hold: its log's, as a roster says, and witnesses'.

What is kept of a checkpoint was put together from many hands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.errors import NoteError
from chainlog.format.checkpoint import format_origin_line, log_keys_of, parse_checkpoint
from chainlog.format.cosignature import cosignatures_of
from chainlog.format.note import ED25519_NOTE, Note, signed_by

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chainlog.events.roster import Roster
    from chainlog.format.note import VerifierKey


def is_signed(note: Note, roster: Roster, chain: bytes) -> bool:
    """Whether a key of the roster signed this checkpoint as the log of its chain.

    The key was in force as `log` or `owner`.
    """
    line = format_origin_line(roster.origin, chain)
    try:
        return parse_checkpoint(note.text).origin == line and bool(
            log_keys_of(note, line, roster.log_signers)
        )
    except NoteError:
        return False


def proven(note: Note, roster: Roster, chain: bytes, witnesses: Iterable[VerifierKey]) -> Note:
    """A checkpoint with only those of its lines that hold under a key of the roster or a witness.

    What is kept was put together from many hands: anybody may have added a line that names a
    witness and does not hold, and whoever hands it on as a whole would answer for that (FORMAT.md
    10, 28).
    """
    known = tuple(witnesses)
    logs = [key for key in known if key.type == ED25519_NOTE]

    def holds(line: Note) -> bool:
        try:
            return is_signed(line, roster, chain) or bool(
                cosignatures_of(line, known) or signed_by(line, logs)
            )
        except NoteError:
            return False

    return Note(
        note.text,
        tuple(one for one in dict.fromkeys(note.signatures) if holds(Note(note.text, (one,)))),
    )


def without_false(note: Note, roster: Roster, chain: bytes) -> Note:
    """A checkpoint without lines that name its log and do not hold.

    Whoever gets it as a whole would have to refuse all of it.
    """
    line = format_origin_line(roster.origin, chain)
    kept = (
        one
        for one in note.signatures
        if one.name != line or is_signed(Note(note.text, (one,)), roster, chain)
    )
    return Note(note.text, tuple(kept))
