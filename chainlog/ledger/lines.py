"""Whose lines of a checkpoint hold: its log's, as the chain says who might sign, and witnesses'.

What is kept of a checkpoint was put together from many hands.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from chainlog.errors import KeyFormError, NoteError, RosterError, UncertainError
from chainlog.events.roster import Roster
from chainlog.format.checkpoint import format_origin_line, log_keys_of, log_vkey, parse_checkpoint
from chainlog.format.cosignature import cosignatures_of
from chainlog.format.note import ED25519_NOTE, Note, signed_by
from chainlog.ledger.rosters import moving_in
from chainlog.verifier.log_keys import LogKeys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chainlog.format.note import VerifierKey
    from chainlog.store.engine import Engine


class _Folded(NamedTuple):
    """Who might sign at each size; from `until` on nobody can tell, where `why` is said."""

    roster: Roster
    until: int = 0
    why: RosterError | KeyFormError | UncertainError | None = None


def _fold(engine: Engine, chain: bytes, size: int) -> _Folded:
    roster = Roster()
    for logged in moving_in(engine, chain, size):
        try:
            roster.govern(logged.entry.header, logged.body)
        except (RosterError, KeyFormError, UncertainError) as error:
            return _Folded(roster, logged.entry.header.index, error)
    return _Folded(roster)


class LogLines:
    """The lines of a chain's checkpoints, by the keys that might sign for its log at each size.

    The chain is asked when it is first needed, and once. What it raises then is raised by each
    method: UncertainError, NoEntryError, DamagedError where it cannot be followed; RosterError,
    KeyFormError, UncertainError of a checkpoint at whose size it does not say who might sign.
    """

    def __init__(self, chain: bytes, fold: Callable[[], _Folded]) -> None:
        self._chain, self._fold = chain, fold

    @classmethod
    def of(cls, engine: Engine, chain: bytes, size: int) -> LogLines:
        """Those of checkpoints of a chain, of which `size` entries are held, one at least."""
        return cls(chain, lambda: _fold(engine, chain, size))

    @classmethod
    def after(cls, roster: Roster, chain: bytes) -> LogLines:
        """Those of checkpoints of a chain, by the roster after what is held of it."""
        return cls(chain, lambda: _Folded(roster))

    @cached_property
    def _folded(self) -> _Folded:
        return self._fold()

    @cached_property
    def line(self) -> str:
        """The origin line of the chain's checkpoints."""
        return format_origin_line(self._folded.roster.origin, self._chain)

    @cached_property
    def _keys(self) -> LogKeys:
        return LogKeys(self.line, self._folded.roster.powers)

    def is_signed(self, note: Note) -> bool:
        """Whether a key that was in force as `log` or `owner` signed this checkpoint."""
        try:
            told, folded = parse_checkpoint(note.text), self._folded
            if folded.why is not None and told.size > folded.until:
                raise folded.why
            return told.origin == self.line and bool(
                log_keys_of(note, self.line, self._keys.might(note, told.size))
            )
        except NoteError:
            return False

    def keys_of(self, note: Note) -> list[VerifierKey]:
        """The keys that lines of a checkpoint name, of those that might sign it for the log."""
        size = parse_checkpoint(note.text).size
        return [log_vkey(self.line, key) for key in self._keys.might(note, size)]

    def proven(self, note: Note, witnesses: Iterable[VerifierKey]) -> Note:
        """A checkpoint with only those of its lines that hold under its log's key or a witness's.

        What is kept was put together from many hands: anybody may have added a line that names a
        witness and does not hold, and whoever hands it on as a whole would answer for that
        (FORMAT.md 10, 28).
        """
        known = tuple(witnesses)
        logs = [key for key in known if key.type == ED25519_NOTE]

        def holds(line: Note) -> bool:
            try:
                return self.is_signed(line) or bool(
                    cosignatures_of(line, known) or signed_by(line, logs)
                )
            except NoteError:
                return False

        return Note(
            note.text,
            tuple(one for one in dict.fromkeys(note.signatures) if holds(Note(note.text, (one,)))),
        )

    def without_false(self, note: Note) -> Note:
        """A checkpoint without lines that name its log and do not hold.

        Whoever gets it as a whole would have to refuse all of it.
        """
        kept = (
            one
            for one in note.signatures
            if one.name != self.line or self.is_signed(Note(note.text, (one,)))
        )
        return Note(note.text, tuple(kept))
