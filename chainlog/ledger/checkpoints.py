"""Checkpoints of the chains of a ledger.

Made, taken from others and kept (FORMAT.md 6, 9).

Every checkpoint is kept twice, in the chain's folder and beside the user's marks: whoever puts back
an old copy of the ledger does not put back what was seen of it.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from chainlog.errors import ReadOnlyError, RosterError, Sentence
from chainlog.format.checkpoint import (
    Checkpoint,
    format_origin_line,
    parse_checkpoint,
    sign_checkpoint,
)
from chainlog.format.note import Note, merge
from chainlog.ledger.growth import Comparison, grown
from chainlog.ledger.lines import LogLines
from chainlog.store.checkpoints import (
    AHEAD,
    checkpoints_in,
    keep_checkpoint,
    put_checkpoint,
    taken_back,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chainlog.events.roster import Roster
    from chainlog.format.note import VerifierKey
    from chainlog.ledger.ledger import Ledger
    from chainlog.ledger.marks import Marks
    from chainlog.verifier.report import Report


@dataclass(frozen=True, slots=True)
class TakenCheckpoint:
    """A checkpoint that was taken and kept. `fits`: the chain held here has that root at that size.

    `ahead`: the chain held here is shorter: entries are missing. `forked`: it has other entries.
    Both are kept against it.
    """

    checkpoint: Checkpoint
    note: Note
    state: Literal["fits", "ahead", "forked"]


def checkpoints_of(ledger: Ledger, chain: bytes) -> list[Note]:
    """Every checkpoint kept of a chain, by size, each with all its signatures.

    None of them verified here. Raises StoreError.
    """
    found = [
        *ledger.engine.checkpoints(chain),
        *_remembered(ledger, chain),
        *ledger.engine.checkpoints(chain, ahead=True),
        *_remembered(ledger, chain, ahead=True),
    ]
    by_text: dict[str, list[Note]] = {}
    for note in found:
        by_text.setdefault(note.text, []).append(note)
    merged = [merge(notes) for notes in by_text.values()]
    return sorted(merged, key=lambda note: (parse_checkpoint(note.text).size, note.text))


def _remembered(ledger: Ledger, chain: bytes, *, ahead: bool = False) -> list[Note]:
    """Those that are kept beside the user's marks."""
    if ledger.marks is None:
        return []
    folder = ledger.marks.remembered(chain)
    return checkpoints_in(folder / AHEAD if ahead else folder)


def seen_texts(ledger: Ledger, chain: bytes) -> set[str]:
    """The texts of those that are remembered beside the marks, and that held when they were kept.

    Each fitted what was held, or was against it. Raises StoreError.
    """
    notes = [] if ledger.marks is None else ledger.marks.memory(chain).notes()
    return {note.text for note in notes}


def review(ledger: Ledger, chain: bytes) -> list[TakenCheckpoint]:
    """How the chain held here compares with every checkpoint kept of it, by size.

    The checkpoints are those that its log signed or that are remembered here. Raises StoreError
    (OtherEntriesError where one does not fit, since an entry does not hold), UncertainError where
    the chain does not say who might sign.
    """
    remembered = seen_texts(ledger, chain)
    found: list[TakenCheckpoint] = []
    notes = checkpoints_of(ledger, chain)
    lines = lines_of(ledger, chain, notes)
    with Comparison(ledger, chain) as compared:
        for note in notes:
            told = parse_checkpoint(note.text)
            signed = told.size > 0 and lines.is_signed(note)
            if not signed and note.text not in remembered:
                continue
            if told.size > compared.size:
                found.append(TakenCheckpoint(told, note, "ahead"))
            elif not compared.fits(told):
                found.append(TakenCheckpoint(told, note, "forked"))
            elif signed:
                found.append(TakenCheckpoint(told, note, "fits"))
    return found


def standing_checkpoints(ledger: Ledger, chain: bytes) -> list[Note]:
    """The checkpoints kept of a chain that stand, by size.

    A log key that was in force signed them, and they have the root that the chain held here has.
    Raises as `review`.
    """
    found = [one.note for one in review(ledger, chain) if one.state == "fits"]
    lines = lines_of(ledger, chain, found)
    return [lines.without_false(note) for note in found]


def lines_of(ledger: Ledger, chain: bytes, notes: Sequence[Note]) -> LogLines:
    """What tells of each of these checkpoints of a chain, by size, whose lines hold.

    Raises as `LogLines.of`.
    """
    most = parse_checkpoint(notes[-1].text).size if notes else 0
    return LogLines.of(ledger.engine, chain, min(most, ledger.held(chain).size) or 1)


# Making


def make_checkpoint(ledger: Ledger) -> Note:
    """The checkpoint of all of this ledger's own chain, signed and kept.

    With the cosignatures of it that were taken before.

    Nothing that could be lost is signed: the chain is made durable first. Nothing is signed that
    was not just verified: what is new since the last checkpoint is, whole (`growth.py`). What was
    signed before is never contradicted. Raises ReadOnlyError (OtherEntriesError where something
    does not hold), RosterError (the key may not sign for the log), UncertainError, StoreError. Then
    nothing is left behind.
    """
    head = ledger.prepare()
    signer, chain = ledger.signer, ledger.chain
    assert signer is not None
    known = checkpoints_of(ledger, chain)
    told, roster = _to_sign(ledger, known, head.size)
    if signer.key_id not in roster.log_signers:
        hint = (
            "use the key of an owner, or have one grant yours the role 'log': chainlog key "
            "grant KEY --role log"
        )
        raise RosterError(
            "this key may not sign checkpoints of this chain", fault="not-log", hint=hint
        )
    made = sign_checkpoint(told, signer)
    return keep(ledger, chain, merge([made, *(note for note in known if note.text == made.text)]))


def _to_sign(ledger: Ledger, known: Sequence[Note], size: int) -> tuple[Checkpoint, Roster]:
    """What all of this ledger's own chain comes to, verified, and who may sign it.

    `known`: the checkpoints kept of it, by size.
    """
    chain = ledger.chain
    last = _last_signed(ledger, known)
    if last is not None and last[0].size > size:
        message = Sentence(
            (
                "a checkpoint of {size} entries was signed for this chain, and {size2} "
                "are held: this is an older copy"
            ),
            size=last[0].size,
            size2=size,
        )
        raise ReadOnlyError(
            message,
            hint="bring back the newest copy, or take what is missing with 'chainlog sync PATH'",
        )
    whole = grown(ledger, chain, None if last is None else last[0], size)
    roster = whole.known.roster
    told = Checkpoint(format_origin_line(roster.origin, chain), size, whole.root)
    # What is derived follows what was verified: a bit that was flipped in it is mended here.
    with closing(ledger.tree(chain)) as tree:
        if tree.root(size) != told.root:
            tree.rebuild()
    return told, roster


def _last_signed(ledger: Ledger, known: Sequence[Note]) -> tuple[Checkpoint, Note] | None:
    """The largest checkpoint that a key signed that might at that size, whatever became of it."""
    lines = lines_of(ledger, ledger.chain, known)
    for note in reversed(known):
        told = parse_checkpoint(note.text)
        if told.size and lines.is_signed(note):
            return told, note
    return None


# Taking and keeping


def keep(
    ledger: Ledger,
    chain: bytes,
    note: Note,
    *,
    vouched: bool = True,
    keys: Iterable[VerifierKey] | None = None,
) -> Note:
    """Keep a checkpoint whose signatures were verified, in every place, or in none.

    `keys`: among which are those under which it holds; otherwise those of its log then.

    Returns it with all that is kept of it. Raises StoreError, having left nothing behind.
    """
    if ledger.marks is None:
        return ledger.engine.keep_checkpoint(chain, note, first=vouched)
    if keys is None:
        keys = lines_of(ledger, chain, [note]).keys_of(note)
    memory, known = ledger.marks.memory(chain), tuple(keys)
    with taken_back(memory.folder, note):
        kept = memory.keep(note, known, first=vouched)
        whole = ledger.engine.keep_checkpoint(chain, kept, first=vouched)
    return whole if whole == kept else memory.keep(whole, known, first=vouched)


def put(ledger: Ledger, chain: bytes, note: Note) -> None:
    """Put these lines of a checkpoint in the place of those that are kept, in every place.

    Raises StoreError.
    """
    ledger.engine.put_checkpoint(chain, note)
    if ledger.marks is not None:
        put_checkpoint(ledger.marks.remembered(chain), note)


def remember(report: Report, marks: Marks) -> None:
    """Keep beside the marks what a verification saw of the chains' checkpoints.

    It is kept for every later verification. Raises StoreError.
    """
    for told in report.chains:
        # What is no chain of this name would be remembered against the one that is: anybody can
        # name a folder.
        if told.chain and told.sound:
            memory = marks.memory(bytes.fromhex(told.chain))
            for note in [*([told.latest] if told.latest is not None else []), *told.against]:
                memory.keep(note, told.vouchers)
            for note in told.ahead:
                keep_checkpoint(memory.folder / AHEAD, note)
