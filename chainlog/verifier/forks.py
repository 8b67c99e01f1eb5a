"""Forks that were met and kept: what both sides prove of a chain.

This is step 2 of `verify` (FORMAT.md 9, conflicts).

Two entries at one index of one chain, after the same entry, each signed by a key that was in force
there and might sign it, are two histories: one of them was shown to somebody. A `chain.fork` of the
chain that names the index, and an entry of the other branch, says that the owner knows and abandons
that branch: then it is counted, and no longer held against the chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from chainlog.errors import EntryError, Keyed, RosterError, StoreError
from chainlog.events.event import is_governing
from chainlog.format.entry import parse_entry
from chainlog.format.record import RECORD_LIMIT, Record, scan
from chainlog.verifier.entry import Job, Outcome, check

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from chainlog.events.roster import Roster
    from chainlog.format.entry import Entry
    from chainlog.verifier.place import Sequence

# What is kept of a branch (FORMAT.md 9), and a record of ours before it.
FORK_LIMIT: Final = 64 * 2**20 + 2 * RECORD_LIMIT


@dataclass(frozen=True, slots=True)
class HeldFork:
    """A fork as it is kept: where, at which index, and its bytes, a stream of records.

    Ours at that index, then the other branch.
    """

    where: str
    index: int
    chunks: Callable[[], Iterable[bytes]]


class Parting(NamedTuple):
    """What a chain is where it was forked.

    The id of the entry before, of the entry itself, and who might sign then.
    """

    prev: bytes
    id: bytes
    roster: Roster


class _Met(NamedTuple):
    """The chain's entry where a fork parts; both sides, and which entry of them is proven."""

    id: bytes
    sides: Sides | None
    other: bytes | None


class Sides(NamedTuple):
    """Both sides of a fork as kept.

    They are the entry that was ours then and the first of the other branch. It is also said whether
    that branch is abandoned.
    """

    firsts: tuple[Entry, Entry]
    abandoned: bool


def read_sides(fork: HeldFork, abandoned: Collection[bytes] = ()) -> Sides | None:
    """Both sides of a fork; None where the bytes are not what is kept of one.

    `abandoned`: ids that its owner abandoned at this index.

    Two entries are held of it, and no more is read than may be kept, however long the file is.
    """
    try:
        return _read_sides(fork, abandoned)
    except StoreError:
        return None


def _read_sides(fork: HeldFork, abandoned: Collection[bytes]) -> Sides | None:
    raws: list[bytes] = []
    last, settled = b"", False
    for found in scan(_bounded(fork.chunks())):
        for one in found:
            if not isinstance(one, Record):
                return None
            if len(raws) <= 1:
                raws.append(one.entry)
            if len(raws) == 2 and abandoned and not settled:
                # The other branch is one that links: what somebody wrote after it says nothing of
                # it.
                try:
                    entry = one.parsed
                except EntryError:
                    return None
                if last and entry.header.prev != last:
                    return None
                last, settled = entry.id, entry.id in abandoned
    try:
        ours, theirs = map(parse_entry, raws)
    except (EntryError, ValueError):
        return None
    return Sides((ours, theirs), settled)


def _bounded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """As many of the bytes as are kept of a fork, and one chunk more: then it is none."""
    read = 0
    for chunk in chunks:
        yield chunk
        read += len(chunk)
        if read > FORK_LIMIT:
            yield b"\xff"
            return


def is_proven(entry: Entry, chain: bytes, index: int, parting: Parting) -> bool:
    """Whether this entry was signed by one who might, at an index where the chain has another."""
    header = entry.header
    if (header.chain, header.index, header.prev) != (
        chain,
        index,
        parting.prev,
    ) or entry.id == parting.id:
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


class Forks:
    """The forks that are kept of a chain, and what the chain is where they part."""

    kept: list[HeldFork]

    def __init__(self, forks: Iterable[HeldFork]) -> None:
        self.kept = list(forks)
        self._at: dict[int, list[HeldFork]] = {}
        for fork in self.kept:
            self._at.setdefault(fork.index, []).append(fork)
        self._met: dict[HeldFork, _Met] = {}
        self._abandoned: dict[int, set[bytes]] = {}

    def watch(self, entry: Entry, chain: bytes, roster: Roster) -> None:
        """The next entry, and the roster before it: who might sign then is asked at once."""
        for fork in self._at.get(entry.header.index, ()):
            parting = Parting(entry.header.prev, entry.id, roster)
            sides = read_sides(fork)
            firsts = sides.firsts if sides is not None else ()
            proven = (one.id for one in firsts if is_proven(one, chain, fork.index, parting))
            self._met[fork] = _Met(entry.id, sides, next(proven, None))

    def abandon(self, index: int, other: bytes) -> None:
        """What the owner said: of the entries at an index, this one is of an abandoned branch."""
        self._abandoned.setdefault(index, set()).add(other)

    def _sides(self, fork: HeldFork, met: _Met | None) -> Sides | None:
        """Both sides; once more they are read only for an entry further on that is abandoned."""
        abandoned = self._abandoned.get(fork.index, set())
        if met is not None and not abandoned:
            return met.sides
        return read_sides(fork, abandoned)

    def judge(self, place: Sequence, *, trusting: bool) -> None:
        """2. Two entries at one index, both signed by one who might."""
        for fork in self.kept:
            met = self._met.get(fork)
            sides = self._sides(fork, met)
            if sides is None:
                place.missing(
                    fork.index,
                    2,
                    "fork-unreadable",
                    Keyed("fault.fork-unreadable", where=fork.where),
                )
            elif met is not None:
                _judge(fork, sides, met, place, trusting=trusting)
            elif not place.lost:
                says = Keyed("fault.fork-beyond", where=fork.where, index=fork.index)
                place.missing(fork.index, 2, "fork-beyond", says)


def _judge(fork: HeldFork, sides: Sides, met: _Met, place: Sequence, *, trusting: bool) -> None:
    if met.other is None:
        return  # it proves nothing
    if sides.abandoned:
        place.told.forks_abandoned += 1
        return
    place.told.forks += 1
    says = Keyed(
        "fault.chain-fork",
        index=fork.index,
        id=met.id.hex()[:12],
        other=met.other.hex()[:12],
        where=fork.where,
    )
    # Whether one history may be believed where two were shown is a matter of trust: the chain by
    # itself is sound, and which of the two stands cannot be told.
    if trusting:
        place.fault(fork.index, 2, "chain-fork", says)
    else:
        place.missing(fork.index, 2, "fork-kept", says)
