"""Who writes a chain, what it is, and what of it exists only here. Takes no lock."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chainlog.errors import ChainlogError, ReadOnlyError, Sentence
from chainlog.format.keys import format_key_id, parse_key_text
from chainlog.index.index import Items
from chainlog.index.questions.lacks import lacks_of
from chainlog.index.questions.reply import JsonRow, for_people
from chainlog.index.witnessed import Witnessed
from chainlog.ledger.checkpoints import checkpoints_of
from chainlog.ledger.copies import may_be_older
from chainlog.ledger.forks import unsettled_forks
from chainlog.ledger.holders import holders_of
from chainlog.ledger.own_turn import unfinished_elsewhere
from chainlog.ledger.signers.files import look_at_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chainlog.events.roster import Roster
    from chainlog.ledger.ledger import Ledger
    from chainlog.store.engine import Head
    from chainlog.store.shelf import Conflict
    from chainlog.verifier.report import Fault

_UNKNOWN: Final = Sentence(
    "not opened, since only this ledger names it and nothing was recorded in it from here"
)


@dataclass(frozen=True, slots=True)
class OwnKey(JsonRow):
    """The user's key, as far as it can be told without the passphrase and without a signature."""

    path: str
    id: str | None = None
    name: str | None = None
    party: str | None = None
    roles: tuple[str, ...] | None = None
    state: str = "absent"


@dataclass(frozen=True, slots=True)
class LastEntry(JsonRow):
    """The last entry of the chain; `name`: of who signed it, as the chain says."""

    id: bytes
    index: int
    time: int
    author: str
    kind: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Status(JsonRow):
    """How a chain stands.

    `only_here`: how many entries no witness that counts has seen; `witness`: who has seen the
    others. `problem`: why the chain would not be written now. `lacks`: what stands against the
    chains held, and what of the programme is not held.
    """

    folder: str
    chain: bytes
    origin: str | None
    site: str | None
    programme: bytes | None
    size: int
    head: bytes
    last: LastEntry
    only_here: int
    witness: str | None
    forks: tuple[int, ...]
    closed: int | None
    key: OwnKey
    marks: str
    writable: bool
    problem: str | None
    other_chains: int
    lacks: tuple[Fault, ...]
    conflicts: tuple[Conflict, ...] = for_people()
    origins: tuple[tuple[str, str], ...] = for_people()


def status_of(ledger: Ledger, key: Path, *, known: bool = True) -> Status:
    """How the ledger's own chain stands.

    `key`: the user's; where it is not `known`, since only the ledger names it, it is not opened.
    Raises UnreadableError where nothing of the chain can be read.
    """
    head = ledger.readable(ledger.chain)
    try:
        roster = ledger.roster()
    except ChainlogError:
        roster = None
    own = _key(key, roster) if known else OwnKey(str(key), state=_UNKNOWN)
    problem = _problem(ledger, roster, None if own.id is None else parse_key_text(own.id))
    covered, witness = _covered(ledger)
    conflicts = tuple(unsettled_forks(ledger))
    return Status(
        str(ledger.folder),
        ledger.chain,
        roster.origin if roster else None,
        roster.site if roster else None,
        roster.programme or None if roster else None,
        head.size,
        head.id,
        _last(ledger, head.size - 1),
        head.size - covered,
        witness,
        tuple(one.index for one in conflicts),
        roster.closed_at if roster else None,
        own,
        "" if ledger.marks is None else str(ledger.marks.folder),
        problem is None,
        problem,
        sum(chain != ledger.chain for chain in ledger.engine.chains()),
        tuple(lacks_of(ledger, roster)),
        conflicts,
        tuple(_origins(ledger)),
    )


def _origins(ledger: Ledger) -> Iterator[tuple[str, str]]:
    """The ids, as hex, of the chains held, and what each calls itself."""
    for chain in ledger.engine.chains():
        with suppress(ChainlogError):
            yield chain.hex(), ledger.roster_at(1, chain).origin


def _last(ledger: Ledger, index: int) -> LastEntry:
    entry = ledger.entry(index).entry
    header = entry.header
    signer = holders_of(ledger, ledger.chain, index).get(header.author)
    return LastEntry(
        entry.id,
        header.index,
        header.time,
        format_key_id(header.author),
        header.kind,
        signer["name"] if signer else None,
    )


def _key(path: Path, roster: Roster | None) -> OwnKey:
    named = str(path)
    try:
        seen = look_at_key(path)
    except ChainlogError as error:
        return OwnKey(named, state=error.message)
    if seen is None:
        return OwnKey(named)
    if seen.key_id is None:
        return OwnKey(named, state=seen.state)
    key_id = format_key_id(seen.key_id)
    if roster is not None and seen.key_id in roster.keys:
        grant = roster.keys[seen.key_id]
        state = seen.state or Sentence("in force")
        return OwnKey(named, key_id, grant.name, grant.party, tuple(grant.roles), state)
    if roster is not None and seen.key_id in roster.revoked:
        return OwnKey(named, key_id, state="revoked")
    return OwnKey(named, key_id, state=seen.state or Sentence("unknown here"))


def _problem(ledger: Ledger, roster: Roster | None, key_id: bytes | None) -> str | None:
    """Why the chain would not be written now, as far as it can be told without taking its lock.

    `key_id`: of the user's key, where that is known.
    """
    if roster is None or roster.closed_at is not None:
        return (
            Sentence("the chain was closed by entry {closed_at}", closed_at=roster.closed_at)
            if roster
            else Sentence("who may sign cannot be told: run 'chainlog verify'")
        )
    try:
        mark = ledger.marks.get(ledger.chain) if ledger.marks is not None else None
    except ReadOnlyError as error:
        return error.message
    head = ledger.head
    if mark is not None and mark.size > head.size:
        return Sentence(
            "{size} entries were acknowledged here, and only {held} are held: this "
            "is an older copy",
            size=mark.size,
            held=head.size,
        )
    if mark is not None and mark.size and ledger.entry(mark.size - 1).entry.id != mark.id:
        return Sentence(
            "entry {size} is not the one that was acknowledged here: this is another copy",
            size=mark.size - 1,
        )
    older = _may_be_older(ledger, head, key_id)
    if older is not None:
        return older
    writable = ledger.engine.may_write(ledger.chain)
    return None if writable else Sentence("its folder may not be written")


def _may_be_older(ledger: Ledger, head: Head, key_id: bytes | None) -> Sentence | None:
    other = unfinished_elsewhere(ledger)
    if other is not None:
        return Sentence(
            "another copy of this chain, in {folder}, was being written when that was interrupted",
            folder=other.folder,
        )
    if may_be_older(ledger, head, key_id):
        return Sentence("this may be an older copy, of which this machine has no mark")
    return None


def _covered(ledger: Ledger) -> tuple[int, str | None]:
    """How many entries the largest cosigned checkpoint covers, and who cosigned it.

    Only an admitted witness counts. That many entries are elsewhere too.
    """
    try:
        if not any(len(note.signatures) > 1 for note in checkpoints_of(ledger, ledger.chain)):
            return 0, None
        with Items.of(ledger) as items:
            covers = Witnessed(items, ledger.chain).covers
    except ChainlogError:
        return 0, None
    size, one = max(covers, key=lambda pair: pair[0], default=(0, None))
    return size, None if one is None else one.witness.name
