"""Forks that were met and kept: what both sides prove of a chain (step 2 of `verify`; FORMAT.md 9, conflicts).

Two entries at one index of one chain, after the same entry, each signed by a key that was in force there and might sign it, are two
histories: one of them was shown to somebody. A `chain.fork` of the chain that names the index, and an entry of the other branch, says
that the owner knows and abandons that branch: then it is counted, and no longer held against the chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from chainlog.checks import Job, Outcome, check
from chainlog.entry import entry_id, parse_entry
from chainlog.errors import EntryError, RosterError
from chainlog.event import is_governing
from chainlog.record import Record, scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chainlog.entry import Entry
    from chainlog.roster import Roster

# Ours comes first, and is one record: the chain has the rest.
_OURS: Final = 1


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


class Branch(NamedTuple):
    """The other branch, as far as it was kept: its first entry, and the ids of all of it."""

    first: Entry
    body: bytes
    ids: frozenset[bytes]


def read_branch(fork: HeldFork) -> Branch | None:
    """The other branch of a fork; None where the bytes are not what is kept of one."""
    records = [one for found in scan(fork.chunks()) for one in found]
    if len(records) <= _OURS or not all(isinstance(one, Record) for one in records):
        return None
    branch = [one for one in records[_OURS:] if isinstance(one, Record)]
    try:
        first = parse_entry(branch[0].entry)
    except EntryError:
        return None
    return Branch(first, branch[0].body, frozenset(entry_id(one.entry) for one in branch))


def is_proven(branch: Branch, chain: bytes, index: int, parting: Parting) -> bool:
    """Whether the other branch's first entry was signed by one who might, where the chain has another."""
    header = branch.first.header
    if (header.chain, header.index, header.prev) != (chain, index, parting.prev) or branch.first.id == parting.id:
        return False
    outcome = Outcome()
    # Whatever became of the body: what was signed is the entry.
    check(Job(branch.first, b"", ""), outcome)
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
