"""Forks that were met and kept: what both sides prove of a chain (step 2 of `verify`; FORMAT.md 9, conflicts).

Two entries at one index of one chain, after the same entry, each signed by a key that was in force there and might sign it, are two
histories: one of them was shown to somebody. A `chain.fork` of the chain that names the index, and an entry of the other branch, says
that the owner knows and abandons that branch: then it is counted, and no longer held against the chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from chainlog.checks import Job, Outcome, check
from chainlog.entry import entry_id, parse_entry
from chainlog.errors import EntryError, RosterError
from chainlog.event import is_governing
from chainlog.record import Record, scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chainlog.entry import Entry
    from chainlog.roster import Roster


@dataclass(frozen=True, slots=True)
class HeldFork:
    """A fork as it is kept: where, at which index, and its bytes, a stream of records: ours at that index, then the other branch."""

    where: str
    index: int
    chunks: Callable[[], Iterable[bytes]]


class Parting(NamedTuple):
    """What a chain is where it was forked: the id of the entry before, of the entry itself, and who might sign then."""

    prev: bytes
    id: bytes
    roster: Roster


class Sides(NamedTuple):
    """Both sides of a fork as they were kept: the entry that was ours then, the first of the other branch, and the ids of that branch."""

    firsts: tuple[Entry, Entry]
    ids: frozenset[bytes]


def read_sides(fork: HeldFork) -> Sides | None:
    """Both sides of a fork; None where the bytes are not what is kept of one."""
    raws: list[bytes] = []
    ids: set[bytes] = set()
    for found in scan(fork.chunks()):
        for one in found:
            if not isinstance(one, Record):
                return None
            raws += [one.entry] if len(raws) <= 1 else []
            ids.add(entry_id(one.entry))
    try:
        ours, theirs = map(parse_entry, raws)
    except (EntryError, ValueError):
        return None
    return Sides((ours, theirs), frozenset(ids - {ours.id}))


def is_proven(entry: Entry, chain: bytes, index: int, parting: Parting) -> bool:
    """Whether this entry was signed by one who might, at an index at which the chain has another."""
    header = entry.header
    if (header.chain, header.index, header.prev) != (chain, index, parting.prev) or entry.id == parting.id:
        return False
    outcome = Outcome()
    # Whatever became of the body: what was signed is the entry.
    check(Job(entry, b"", ""), outcome)
    if outcome.faults or outcome.missing:
        return False
    try:
        if is_governing(header.kind):
            parting.roster.check_blind(header.kind, header.author)
        else:
            parting.roster.check_custody(index, header.author)
    except RosterError:
        return False
    return True
