"""Checkpoints that somebody else brought, and whether the chain held here has those entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.errors import NoteError
from chainlog.events.event import Event
from chainlog.events.programme import Programme
from chainlog.format.checkpoint import parse_checkpoint, parse_origin_line
from chainlog.format.cosignature import cosignatures_of
from chainlog.format.note import SIGNATURE_LIMIT, Note, merge, parse_note
from chainlog.ledger.checkpoints import TakenCheckpoint, checkpoints_of, keep
from chainlog.ledger.growth import Comparison
from chainlog.ledger.lines import LogLines
from chainlog.store.checkpoints import AHEAD, keep_checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self

    from chainlog.format.note import VerifierKey
    from chainlog.ledger.ledger import Ledger


class Taker:
    """What takes checkpoints of one chain held here, however many: all of it is read once.

    `with Taker(ledger, chain) as taker: taker.take(note)`. `compared`: how checkpoints compare with
    the chain; `kept`: those that are kept of it, by text.
    """

    compared: Comparison
    kept: dict[str, Note]

    def __init__(self, ledger: Ledger, chain: bytes) -> None:
        """Raises NoChainError, StoreError, UncertainError."""
        self._ledger, self._chain = ledger, chain
        self._lines = LogLines.of(ledger.engine, chain, ledger.engine.head(chain).size)
        self.compared = Comparison(ledger, chain)
        self.kept = {note.text: note for note in checkpoints_of(ledger, chain)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.compared.close()

    def take(self, note: Note, witnesses: Sequence[VerifierKey] = ()) -> TakenCheckpoint:
        """Keep a checkpoint. `witnesses`: those whose word counts besides the log's.

        Raises NoteError where nobody who might signed it; OtherEntriesError, StoreError.
        """
        told = parse_checkpoint(note.text)
        if told.origin != self._lines.line:
            raise NoteError(
                "the checkpoint is of {origin}, which this chain does not call itself",
                origin=told.origin,
            )
        if not told.size or not (self._lines.is_signed(note) or cosignatures_of(note, witnesses)):
            hint = (
                "ask the site for it again; where its keys changed since, take the newer entries "
                "first: chainlog sync PATH"
            )
            raise NoteError(
                "no key that might sign this checkpoint, as far as the chain held here says, did",
                hint=hint,
            )
        if told.size > self.compared.size:
            # Apart: whether its key might sign at that size is for entries to say that are not
            # here.
            self._ledger.engine.keep_checkpoint(self._chain, note, ahead=True)
            if self._ledger.marks is not None:
                keep_checkpoint(self._ledger.marks.remembered(self._chain) / AHEAD, note)
            return TakenCheckpoint(told, note, "ahead")
        fits = self.compared.fits(told)
        return TakenCheckpoint(told, self._keep(note, witnesses), "fits" if fits else "forked")

    def _keep(self, note: Note, witnesses: Sequence[VerifierKey]) -> Note:
        """Keep a checkpoint that came from somebody.

        Where there is no room for all of its lines, those stay that are known to hold.

        Whoever fills one up with lines of nobody would else keep the witnesses' out for ever.
        """
        keys = [*self._lines.keys_of(note), *witnesses]
        kept = self.kept.get(note.text)
        whole = merge([note] if kept is None else [kept, note])
        room = len(whole.signatures) <= SIGNATURE_LIMIT
        if not room:
            good = self._lines.proven(whole, self._admitted()).signatures
            rest = tuple(one for one in whole.signatures if one not in good)
            note = Note(note.text, (*good, *rest)[:SIGNATURE_LIMIT])
        whole = keep(self._ledger, self._chain, note, vouched=not room, keys=keys)
        self.kept[note.text] = whole
        return whole

    def _admitted(self) -> list[VerifierKey]:
        """The witnesses that the authority admits, as far as its own chain is held here."""
        ledger = self._ledger
        authority = ledger.roster_at(1, self._chain).programme or self._chain
        programme = Programme()
        for logged in ledger.read(chain=authority) if ledger.held(authority).size else ():
            header = logged.entry.header
            if header.kind.startswith("witness.") and logged.fields is not None:
                programme.take(header.index, Event.parse(header.kind, logged.fields).detail)
        return list(programme.witnesses)


def take_checkpoint(
    ledger: Ledger, data: bytes, witnesses: Iterable[VerifierKey] = ()
) -> TakenCheckpoint:
    """Keep one checkpoint that somebody else brought, of a chain held here.

    Raises NoteError where it is none, and as `Taker.take`; NoChainError.
    """
    note = parse_note(data)
    _, chain = parse_origin_line(parse_checkpoint(note.text).origin)
    with Taker(ledger, chain) as taker:
        return taker.take(note, tuple(witnesses))
