"""Between which times an entry was made, as far as witnesses vouch for it (FORMAT.md 6, 8).

- Not before: an entry stands after a `chain.seen` of its chain, or is one, whose checkpoint a
  witness cosigned at that time.
- Not after: a checkpoint that covers the entry was cosigned by a witness at that time.

Only witnesses count that the authority of the chain's programme admits, as far as its chain is held
here. The entry's own clock is a claim, and stands beside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chainlog.errors import NoteError
from chainlog.events.kinds import ChainSeen
from chainlog.format.checkpoint import parse_checkpoint
from chainlog.format.cosignature import cosignatures_each
from chainlog.format.note import parse_note
from chainlog.index.governing import programme_in
from chainlog.index.index import Items
from chainlog.ledger.checkpoints import checkpoints_of, standing_checkpoints

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.events.programme import Programme
    from chainlog.format.cosignature import Cosignature
    from chainlog.format.note import Note, VerifierKey
    from chainlog.ledger.ledger import Ledger


_EVER: Final = 2**62


@dataclass(frozen=True, slots=True)
class Bounds:
    """The cosignatures that bound an entry's time, each None where there is none.

    `seen`: the index of the `chain.seen` that bounds it from below; `size`: how many entries the
    checkpoint that bounds it from above has.
    """

    not_before: Cosignature | None = None
    seen: int | None = None
    not_after: Cosignature | None = None
    size: int | None = None

    def plain(self) -> dict[str, Any]:
        """As JSON, where a witness says: the cosigned times (POSIX seconds), and who cosigned."""
        told: dict[str, Any] = {}
        if self.not_before is not None:
            told["not_before"] = {
                "time": self.not_before.time,
                "witness": self.not_before.witness.name,
                "entry": self.seen,
            }
        if self.not_after is not None:
            told["not_after"] = {
                "time": self.not_after.time,
                "witness": self.not_after.witness.name,
                "size": self.size,
            }
        return told


class Witnessed:
    """What witnesses say of the times of one chain's entries.

    Raises StoreError, UncertainError where its checkpoints cannot be read.
    """

    covers: list[tuple[int, Cosignature]]

    def __init__(self, items: Items, chain: bytes) -> None:
        witnesses = witnesses_of(items, chain)
        standing = {note.text: note for note in standing_checkpoints(items.ledger, chain)}
        # A checkpoint that the chain embeds counts only where it fits: its text is compared with
        # those that were made or received, or else its root with the tree.
        self.seen: list[tuple[int, Cosignature]] = []
        for index, note in _seen(items, chain):
            if note.text in standing or _fits(items, chain, note):
                self.seen += [(index, one) for one in cosignatures_each(note, witnesses)]
                standing.setdefault(note.text, note)
        self.covers = [
            (parse_checkpoint(text).size, one)
            for text, note in standing.items()
            for one in cosignatures_each(note, witnesses)
        ]

    def bounds(self, index: int) -> Bounds:
        """The closest bounds of the entry at an index."""
        below = max(
            ((one, at) for at, one in self.seen if at <= index),
            key=lambda pair: (pair[0].time, -pair[1]),
            default=(None, None),
        )
        above = min(
            ((one, size) for size, one in self.covers if size > index),
            key=lambda pair: (pair[0].time, pair[1]),
            default=(None, None),
        )
        return Bounds(*below, *above)

    def not_after(self) -> Iterator[tuple[int, Cosignature]]:
        """The times that entries were made by, by rising size.

        Every entry below the size, and not below the one before, was made by then.
        """
        earliest: list[tuple[int, Cosignature]] = []
        for size, one in sorted(self.covers, key=lambda pair: (-pair[0], pair[1].time)):
            if not earliest or one.time < earliest[-1][1].time:
                earliest += [(size, one)]
        yield from reversed(earliest)

    def not_before(self) -> Iterator[tuple[int, int, Cosignature]]:
        """The times that entries were made at or after, by rising index.

        Every entry from the first index to before the second was made at that time or later.
        """
        latest: list[tuple[int, Cosignature]] = []
        for index, one in sorted(self.seen, key=lambda pair: (pair[0], -pair[1].time)):
            if not latest or one.time > latest[-1][1].time:
                latest += [(index, one)]
        stops = [*(index for index, _ in latest[1:]), _EVER]
        for (first, one), stop in zip(latest, stops, strict=False):
            yield first, stop, one


def bounds_of(ledger: Ledger, chain: bytes, index: int) -> Bounds:
    """The times between which witnesses place an entry.

    Where no checkpoint is kept, the index is not opened for it.
    """
    if not checkpoints_of(ledger, chain):
        return Bounds()
    with Items.of(ledger) as items:
        return Witnessed(items, chain).bounds(index)


def witnesses_of(items: Items, chain: bytes) -> tuple[VerifierKey, ...]:
    """The witnesses that the authority of a chain admits.

    They are told as far as the authority's own chain is held and verifies.
    """
    known = items.chain(chain)
    authority = chain if known is None else bytes(known.programme)
    return tuple(programme_of(items, authority).witnesses)


def witnesses_admitted(ledger: Ledger, chain: bytes) -> tuple[VerifierKey, ...]:
    """The same, by a ledger's index, which is opened for it."""
    with Items.of(ledger) as items:
        return witnesses_of(items, chain)


def programme_of(items: Items, authority: bytes) -> Programme:
    """What an authority's chain says of sites and witnesses, as far as it is held and verifies.

    Empty where it is not held.
    """
    return programme_in(items.governing(authority))


def _seen(items: Items, chain: bytes) -> Iterator[tuple[int, Note]]:
    """The checkpoints that a chain embeds, each with the index of its `chain.seen`."""
    for entry, event in items.governing(chain):
        if isinstance(event.detail, ChainSeen):
            try:
                yield entry.header.index, parse_note(event.detail.checkpoint.encode())
            except NoteError:
                continue


def _fits(items: Items, chain: bytes, note: Note) -> bool:
    told, tree = parse_checkpoint(note.text), items.ledger.tree(chain)
    try:
        return 0 < told.size <= items.ledger.held(chain).size and tree.agrees(told.size, told.root)
    finally:
        tree.close()
