"""Checkpoints of the chains of a ledger: made, taken from others, kept, and what is proven by them (FORMAT.md 6, 9).

Every checkpoint is kept twice, in the chain's folder and beside the user's marks: whoever puts back an old copy of the ledger does
not put back what was seen of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from chainlog.checkpoint import Checkpoint, format_origin_line, log_keys_of, parse_checkpoint, parse_origin_line, sign_checkpoint
from chainlog.cosignature import cosignatures_of
from chainlog.entry import parse_entry
from chainlog.errors import DamagedError, NoteError, ProofError, ReadOnlyError, RosterError, StoreError
from chainlog.merkle import verify_inclusion
from chainlog.note import Note, merge, parse_note
from chainlog.proof import EntryProof
from chainlog.store.checkpoints import FOLDER, checkpoints_in, keep_checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from chainlog.ledger import Ledger
    from chainlog.marks import Marks
    from chainlog.merkle import Frontier
    from chainlog.note import VerifierKey
    from chainlog.report import Report
    from chainlog.roster import Roster
    from chainlog.store.tree import Tree


@dataclass(frozen=True, slots=True)
class Taken:
    """A checkpoint that was taken and kept. `fits`: the chain held here has that root at that size.

    `ahead`: the chain held here is shorter: entries are missing. `forked`: it has other entries. Both are kept against it.
    """

    checkpoint: Checkpoint
    note: Note
    state: Literal["fits", "ahead", "forked"]


def folders_of(ledger: Ledger, chain: bytes) -> list[Path]:
    """Where checkpoints of a chain are kept: with the chain, and beside the marks."""
    folders = [] if ledger.folder is None else [ledger.folder_of(chain) / FOLDER]
    return folders if ledger.marks is None else [*folders, ledger.marks.remembered(chain)]


def checkpoints_of(ledger: Ledger, chain: bytes) -> list[Note]:
    """Every checkpoint kept of a chain, by size, each with all its signatures; none of them verified here. Raises StoreError."""
    by_text: dict[str, list[Note]] = {}
    for folder in folders_of(ledger, chain):
        for note in checkpoints_in(folder):
            by_text.setdefault(note.text, []).append(note)
    merged = [merge(notes) for notes in by_text.values()]
    return sorted(merged, key=lambda note: (parse_checkpoint(note.text).size, note.text))


def review(ledger: Ledger, chain: bytes) -> list[Taken]:
    """How the chain held here compares with every checkpoint kept of it that its log signed or that is remembered here; by size.

    Raises StoreError, UncertainError where the chain does not say who might sign.
    """
    tree, size = ledger.tree(chain), ledger.held(chain).size
    remembered = set() if ledger.marks is None else {note.text for note in checkpoints_in(ledger.marks.remembered(chain))}
    found, rebuilt = [], list[bool]()
    for note in checkpoints_of(ledger, chain):
        told = parse_checkpoint(note.text)
        signed = told.size > 0 and is_signed(note, ledger.roster_at(min(told.size, size), chain), chain)
        if told.size > size and (signed or note.text in remembered):
            found.append(Taken(told, note, "ahead"))
        elif signed or note.text in remembered:
            fits = told.root == _root(tree, told, rebuilt)
            found += [Taken(told, note, "fits" if fits else "forked")] if signed or not fits else []
    tree.close()
    return found


def standing_checkpoints(ledger: Ledger, chain: bytes) -> list[Note]:
    """Those that a log key signed that was in force, and that have the root that the chain held here has; by size. Raises as `review`."""
    return [one.note for one in review(ledger, chain) if one.state == "fits"]


def _root(tree: Tree, told: Checkpoint, rebuilt: list[bool] | None = None) -> bytes:
    """The root at a checkpoint's size: computed anew, once for all that share `rebuilt`, where the stored tree does not agree."""
    root = tree.root(told.size)
    if root != told.root and not rebuilt:
        tree.rebuild()
        root = tree.root(told.size)
        if rebuilt is not None:
            rebuilt.append(True)
    return root


def is_signed(note: Note, roster: Roster, chain: bytes) -> bool:
    """Whether a key of the roster, in force as `log` or `owner`, signed this checkpoint as the log of its chain."""
    keys = [key for key, grant in roster.keys.items() if not {"log", "owner"}.isdisjoint(grant.roles)]
    line = format_origin_line(roster.origin, chain)
    try:
        return parse_checkpoint(note.text).origin == line and bool(log_keys_of(note, line, keys))
    except NoteError:
        return False


# Making


def make_checkpoint(ledger: Ledger) -> Note:
    """The checkpoint of all of this ledger's own chain, signed and kept; with the cosignatures of it that were taken before.

    Nothing that could be lost is signed: the chain is made durable first. What was signed before is never contradicted. Raises
    ReadOnlyError, RosterError (the key may not sign for the log), StoreError.
    """
    head = ledger.prepare()
    signer, roster = ledger.signer, ledger.roster()
    assert signer is not None
    grant = roster.keys.get(signer.key_id)
    if grant is None or {"log", "owner"}.isdisjoint(grant.roles):
        hint = "use the key of an owner, or have one grant yours the role 'log': chainlog key grant KEY --role log"
        raise RosterError("this key may not sign checkpoints of this chain", fault="not-log", hint=hint)
    known = checkpoints_of(ledger, ledger.chain)
    told = Checkpoint(format_origin_line(roster.origin, ledger.chain), head.size, _grown_root(ledger, known, head.size))
    made = sign_checkpoint(told, signer)
    return keep(ledger, ledger.chain, merge([made, *(note for note in known if note.text == made.text)]))


def _grown_root(ledger: Ledger, known: Sequence[Note], size: int) -> bytes:
    """The root over the whole chain: from the last checkpoint that was signed here, and the entries since as they stand in the store.

    What is derived is not signed unseen: a bit that was flipped in the stored tree would sign a fork.
    """
    chain = ledger.chain
    # By a key that might at that size, whatever became of it since.
    tolds = [(parse_checkpoint(note.text), note) for note in known]
    signed = [told for told, note in tolds if told.size and is_signed(note, ledger.roster_at(min(told.size, size)), chain)]
    if signed and signed[-1].size > size:
        message = f"a checkpoint of {signed[-1].size} entries was signed for this chain, and {size} are held: this is an older copy"
        raise ReadOnlyError(message, hint="bring back the newest copy, or take what is missing with 'chainlog sync'")
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
    if _root(tree, last) != last.root:
        message = f"a checkpoint of the first {last.size} entries was signed for this chain, and it had others then"
        raise ReadOnlyError(message, hint="run 'chainlog verify': nothing is signed for a chain that was forked")
    return tree.frontier(last.size)


def _extend(ledger: Ledger, frontier: Frontier, size: int) -> None:
    ids: list[bytes] = []
    for record in ledger.engine.read(ledger.chain, frontier.size, size):
        ids.append(parse_entry(record.entry).id)
        if len(ids) == 4096:
            frontier.extend(ids)
            ids.clear()
    frontier.extend(ids)


# Taking and keeping


def keep(ledger: Ledger, chain: bytes, note: Note, *, vouched: bool = True) -> Note:
    """Keep a checkpoint whose signatures were verified, in every place; returns it with all that is kept of it. Raises StoreError."""
    whole = note
    for folder in folders_of(ledger, chain):
        whole = keep_checkpoint(folder, whole, first=vouched)
    return whole


def take_checkpoint(ledger: Ledger, data: bytes, witnesses: Iterable[VerifierKey] = ()) -> Taken:
    """Keep a checkpoint that somebody else brought, of a chain held here. `witnesses`: those whose word counts besides the log's.

    Raises NoteError where it is none, or where nobody who might signed it; NoChainError, StoreError.
    """
    note = parse_note(data)
    told = parse_checkpoint(note.text)
    _, chain = parse_origin_line(told.origin)
    size = ledger.engine.head(chain).size
    roster = ledger.roster_at(min(told.size, size) or 1, chain)
    if told.origin != format_origin_line(roster.origin, chain):
        raise NoteError(f"the checkpoint is of {told.origin}, which this chain does not call itself")
    if not told.size or not (is_signed(note, roster, chain) or cosignatures_of(note, witnesses)):
        hint = "ask the site for it again; where its keys changed since, take the newer entries first: chainlog sync"
        raise NoteError("no key that might sign this checkpoint, as far as the chain held here says, did", hint=hint)
    if told.size > size:
        return Taken(told, keep(ledger, chain, note, vouched=False), "ahead")
    tree = ledger.tree(chain)
    fits = _root(tree, told) == told.root
    tree.close()
    return Taken(told, keep(ledger, chain, note, vouched=False), "fits" if fits else "forked")


def check_seen(ledger: Ledger, data: bytes) -> Note:
    """A checkpoint that this ledger's own chain is to record as seen. Raises NoteError where it is not one of this chain as it stands."""
    note = parse_note(data)
    told = parse_checkpoint(note.text)
    if told.chain != ledger.chain:
        raise NoteError(f"the checkpoint is of {told.origin}, not of this chain")
    taken = take_checkpoint(ledger, data)
    if taken.state != "fits":
        raise NoteError(f"the checkpoint of {told.size} entries does not fit this chain", hint="run 'chainlog verify'")
    if len(note.signatures) < 2:
        raise NoteError("no witness cosigned this checkpoint, so it says nothing of the time", hint="have it cosigned first")
    return note


def newest_cosigned(ledger: Ledger) -> Note:
    """The newest checkpoint of this ledger's own chain that is kept here, stands, and bears cosignatures. Raises StoreError."""
    for note in reversed(standing_checkpoints(ledger, ledger.chain)):
        if len(note.signatures) > 1:
            return note
    raise StoreError("no cosigned checkpoint of this chain is kept here", hint="have one cosigned, or take it from the hub: chainlog sync")


def remember(report: Report, marks: Marks) -> None:
    """Keep beside the marks, for every later verification, what a verification saw of the chains' checkpoints. Raises StoreError."""
    for told in report.chains:
        if told.chain:
            for note in [*([told.latest] if told.latest is not None else []), *told.against]:
                keep_checkpoint(marks.remembered(bytes.fromhex(told.chain)), note)


# Proving


def prove(ledger: Ledger, chain: bytes, index: int, notes: Sequence[Note]) -> EntryProof:
    """The proof that the entry at `index` is in the chain, by the first of these checkpoints that covers it.

    The proof is checked before it is given out. Raises StoreError where no checkpoint covers the entry; DamagedError.
    """
    for note in notes:
        told = parse_checkpoint(note.text)
        if told.size > index:
            return EntryProof(index, tuple(_inclusion(ledger, chain, index, told)), note)
    message = f"no checkpoint that is kept here covers entry {index}"
    raise StoreError(message, hint="make one: chainlog checkpoint; or take the newest from the site: chainlog sync")


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
    raise DamagedError(f"entry {index} is not in the tree that the checkpoint of {told.size} was signed over", hint="run 'chainlog verify'")


def _tries(tree: Tree, index: int, size: int) -> Iterator[list[bytes]]:
    """The proof as the stored tree has it, then as it is when nothing stored is believed."""
    yield tree.inclusion(index, size)
    tree.rebuild()
    yield tree.inclusion(index, size)
