"""Checkpoints of the chains of a ledger.

Made, taken from others and kept (FORMAT.md 6, 9).

Every checkpoint is kept twice, in the chain's folder and beside the user's marks: whoever puts back
an old copy of the ledger does not put back what was seen of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from chainlog.errors import NoteError, ReadOnlyError, RosterError, Sentence
from chainlog.events.event import Event
from chainlog.events.programme import Programme
from chainlog.format.checkpoint import (
    Checkpoint,
    format_origin_line,
    parse_checkpoint,
    parse_origin_line,
    sign_checkpoint,
)
from chainlog.format.cosignature import cosignatures_of
from chainlog.format.note import SIGNATURE_LIMIT, Note, merge, parse_note
from chainlog.ledger.lines import is_signed, proven, without_false
from chainlog.store.checkpoints import AHEAD, checkpoints_in, keep_checkpoint, put_checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chainlog.events.roster import Roster
    from chainlog.format.merkle import Frontier
    from chainlog.format.note import VerifierKey
    from chainlog.ledger.ledger import Ledger
    from chainlog.ledger.marks import Marks
    from chainlog.store.tree import Tree
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


def review(ledger: Ledger, chain: bytes) -> list[TakenCheckpoint]:
    """How the chain held here compares with every checkpoint kept of it, by size.

    The checkpoints are those that its log signed or that are remembered here. Raises StoreError,
    UncertainError where the chain does not say who might sign.
    """
    tree, size = ledger.tree(chain), ledger.held(chain).size
    remembered = {note.text for note in _remembered(ledger, chain)}
    found: list[TakenCheckpoint] = []
    for note in checkpoints_of(ledger, chain):
        told = parse_checkpoint(note.text)
        signed = told.size > 0 and is_signed(
            note, ledger.roster_at(min(told.size, size), chain), chain
        )
        if told.size > size and (signed or note.text in remembered):
            found.append(TakenCheckpoint(told, note, "ahead"))
        elif signed or note.text in remembered:
            fits = tree.agrees(told.size, told.root)
            found += (
                [TakenCheckpoint(told, note, "fits" if fits else "forked")]
                if signed or not fits
                else []
            )
    tree.close()
    return found


def standing_checkpoints(ledger: Ledger, chain: bytes) -> list[Note]:
    """The checkpoints kept of a chain that stand, by size.

    A log key that was in force signed them, and they have the root that the chain held here has.
    Raises as `review`.
    """
    found = [one for one in review(ledger, chain) if one.state == "fits"]
    return [
        without_false(one.note, ledger.roster_at(one.checkpoint.size, chain), chain)
        for one in found
    ]


# Making


def make_checkpoint(ledger: Ledger) -> Note:
    """The checkpoint of all of this ledger's own chain, signed and kept.

    With the cosignatures of it that were taken before.

    Nothing that could be lost is signed: the chain is made durable first. What was signed before is
    never contradicted. Raises ReadOnlyError, RosterError (the key may not sign for the log),
    StoreError.
    """
    head = ledger.prepare()
    signer, roster = ledger.signer, ledger.roster()
    assert signer is not None
    if signer.key_id not in roster.log_signers:
        hint = (
            "use the key of an owner, or have one grant yours the role 'log': chainlog key "
            "grant KEY --role log"
        )
        raise RosterError(
            "this key may not sign checkpoints of this chain", fault="not-log", hint=hint
        )
    known = checkpoints_of(ledger, ledger.chain)
    told = Checkpoint(
        format_origin_line(roster.origin, ledger.chain),
        head.size,
        _grown_root(ledger, known, head.size),
    )
    made = sign_checkpoint(told, signer)
    return keep(
        ledger, ledger.chain, merge([made, *(note for note in known if note.text == made.text)])
    )


def _grown_root(ledger: Ledger, known: Sequence[Note], size: int) -> bytes:
    """The root over the whole chain.

    It comes from the last checkpoint that was signed here, and the entries since as they stand in
    the store.

    What is derived is not signed unseen: a bit that was flipped in the stored tree would sign a
    fork.
    """
    chain = ledger.chain
    # By a key that might at that size, whatever became of it since.
    tolds = [(parse_checkpoint(note.text), note) for note in known]
    signed = [
        told
        for told, note in tolds
        if told.size and is_signed(note, ledger.roster_at(min(told.size, size)), chain)
    ]
    if signed and signed[-1].size > size:
        message = Sentence(
            (
                "a checkpoint of {size} entries was signed for this chain, and {size2} "
                "are held: this is an older copy"
            ),
            size=signed[-1].size,
            size2=size,
        )
        raise ReadOnlyError(
            message, hint="bring back the newest copy, or take what is missing with 'chainlog sync'"
        )
    tree = ledger.tree(chain)
    frontier = _frontier_at(tree, signed[-1] if signed else None)
    _extend(ledger, frontier, size)
    root = frontier.root()
    if tree.root(size) != root:
        tree.rebuild()
    tree.close()
    return root


def _frontier_at(tree: Tree, last: Checkpoint | None) -> Frontier:
    if last is None:
        return tree.frontier(0)
    if not tree.agrees(last.size, last.root):
        message = Sentence(
            (
                "a checkpoint of the first {size} entries was signed for this chain, and "
                "it had others then"
            ),
            size=last.size,
        )
        hint = (
            "two histories were signed, and no entry heals it: close the chain, and begin one "
            "that continues it: init --continues"
        )
        raise ReadOnlyError(message, hint=hint)
    return tree.frontier(last.size)


def _extend(ledger: Ledger, frontier: Frontier, size: int) -> None:
    ids: list[bytes] = []
    for record in ledger.engine.read(ledger.chain, frontier.size, size):
        ids.append(record.parsed.id)
        if len(ids) == 4096:
            frontier.extend(ids)
            ids.clear()
    frontier.extend(ids)


# Taking and keeping


def keep(ledger: Ledger, chain: bytes, note: Note, *, vouched: bool = True) -> Note:
    """Keep a checkpoint whose signatures were verified, in every place.

    Returns it with all that is kept of it. Raises StoreError.
    """
    whole = ledger.engine.keep_checkpoint(chain, note, first=vouched)
    if ledger.marks is not None:
        whole = keep_checkpoint(ledger.marks.remembered(chain), whole, first=vouched)
    return whole


def put(ledger: Ledger, chain: bytes, note: Note) -> None:
    """Put these lines of a checkpoint in the place of those that are kept, in every place.

    Raises StoreError.
    """
    ledger.engine.put_checkpoint(chain, note)
    if ledger.marks is not None:
        put_checkpoint(ledger.marks.remembered(chain), note)


def take_checkpoint(
    ledger: Ledger, data: bytes, witnesses: Iterable[VerifierKey] = ()
) -> TakenCheckpoint:
    """Keep a checkpoint that somebody else brought, of a chain held here.

    `witnesses`: those whose word counts besides the log's.

    Raises NoteError where it is none, or where nobody who might signed it; NoChainError,
    StoreError.
    """
    note = parse_note(data)
    told = parse_checkpoint(note.text)
    _, chain = parse_origin_line(told.origin)
    size = ledger.engine.head(chain).size
    roster = ledger.roster_at(min(told.size, size) or 1, chain)
    if told.origin != format_origin_line(roster.origin, chain):
        raise NoteError(
            "the checkpoint is of {origin}, which this chain does not call itself",
            origin=told.origin,
        )
    if not told.size or not (is_signed(note, roster, chain) or cosignatures_of(note, witnesses)):
        hint = (
            "ask the site for it again; where its keys changed since, take the newer entries "
            "first: chainlog sync"
        )
        raise NoteError(
            "no key that might sign this checkpoint, as far as the chain held here says, did",
            hint=hint,
        )
    if told.size > size:
        # Apart: whether its key might sign at that size is for entries to say that are not here.
        ledger.engine.keep_checkpoint(chain, note, ahead=True)
        if ledger.marks is not None:
            keep_checkpoint(ledger.marks.remembered(chain) / AHEAD, note)
        return TakenCheckpoint(told, note, "ahead")
    tree = ledger.tree(chain)
    fits = tree.agrees(told.size, told.root)
    tree.close()
    return TakenCheckpoint(
        told, _keep_taken(ledger, chain, note, roster), "fits" if fits else "forked"
    )


def _keep_taken(ledger: Ledger, chain: bytes, note: Note, roster: Roster) -> Note:
    """Keep a checkpoint that came from somebody.

    Where there is no room for all of its lines, those stay that are known to hold.

    Whoever fills one up with lines of nobody would else keep the witnesses' out for ever.
    """
    kept = [one for one in checkpoints_of(ledger, chain) if one.text == note.text]
    whole = merge([*kept, note])
    if len(whole.signatures) <= SIGNATURE_LIMIT:
        return keep(ledger, chain, note, vouched=False)
    good = proven(whole, roster, chain, _admitted(ledger, chain)).signatures
    rest = tuple(one for one in whole.signatures if one not in good)
    return keep(ledger, chain, Note(note.text, (*good, *rest)[:SIGNATURE_LIMIT]))


def _admitted(ledger: Ledger, chain: bytes) -> list[VerifierKey]:
    """The witnesses that the authority of a chain admits, as far as its own chain is held here."""
    authority = ledger.roster_at(1, chain).programme or chain
    programme = Programme()
    for logged in ledger.read(chain=authority) if ledger.held(authority).size else ():
        header = logged.entry.header
        if header.kind.startswith("witness.") and logged.fields is not None:
            programme.take(header.index, Event.parse(header.kind, logged.fields).detail)
    return list(programme.witnesses)


def remember(report: Report, marks: Marks) -> None:
    """Keep beside the marks what a verification saw of the chains' checkpoints.

    It is kept for every later verification. Raises StoreError.
    """
    for told in report.chains:
        # What is no chain of this name would be remembered against the one that is: anybody can
        # name a folder.
        if told.chain and told.sound:
            chain = bytes.fromhex(told.chain)
            for note in [*([told.latest] if told.latest is not None else []), *told.against]:
                keep_checkpoint(marks.remembered(chain), note)
            for note in told.ahead:
                keep_checkpoint(marks.remembered(chain) / AHEAD, note)
