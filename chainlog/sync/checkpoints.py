"""The checkpoints in another store, and those that are kept here already.

Those of chains that are held here, signed by their logs, are kept, whatever they say.

One that fits brings cosignatures; one that does not is evidence of a fork or of a rollback, and is
said at every sync, not only when it came. What nobody who might signed is left.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from chainlog.errors import ChainlogError, Keyed, RosterError, StoreError, UncertainError
from chainlog.format.checkpoint import parse_checkpoint
from chainlog.format.merkle import Frontier
from chainlog.ledger.checkpoints import (
    TakenCheckpoint,
    checkpoints_of,
    lines_of,
    seen_texts,
    standing_checkpoints,
)
from chainlog.ledger.growth import Comparison, grown
from chainlog.ledger.lines import LogLines
from chainlog.ledger.taken import Taker
from chainlog.store.checkpoints import AHEAD, checkpoints_in
from chainlog.verifier.checkpoints import AGAINST_LIMIT
from chainlog.verifier.report import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chainlog.events.roster import Roster
    from chainlog.format.note import Note
    from chainlog.ledger.ledger import Ledger
    from chainlog.store.shelf import Shelf


def take_checkpoints(ledger: Ledger, other: Shelf, chain: bytes) -> list[TakenCheckpoint]:
    """Take what the other keeps of a chain that is held here, and say how ours compares with it.

    Those that are new and fit, and all that are kept and do not. Raises StoreError.
    """
    taken: list[TakenCheckpoint] = []
    against = 0
    with Taker(ledger, chain) as taker:
        known = {text: set(note.signatures) for text, note in taker.kept.items()}
        for note in (*other.checkpoints(chain), *other.checkpoints(chain, ahead=True)):
            told = parse_checkpoint(note.text)
            fits = told.size <= taker.compared.size and taker.compared.agrees(told)
            against += not fits
            # A few tell all: whoever has a log's key could sign so many that nobody would read the
            # folder any more.
            if (fits or against <= AGAINST_LIMIT) and not set(note.signatures) <= known.get(
                note.text, set()
            ):
                try:
                    one = taker.take(note)
                except StoreError:
                    raise  # ours does not hold, or cannot be written: nothing is said of theirs
                except ChainlogError:
                    continue  # nobody who might signed it, so it says nothing
                taken += [one] if one.state == "fits" else []
    return taken + list(_standing_against(ledger, chain))


def _standing_against(ledger: Ledger, chain: bytes) -> Iterator[TakenCheckpoint]:
    """The checkpoints that are kept and that the chain here does not fit, the largest first.

    Its log signed them, or they are remembered as such beside the user's marks.
    """
    seen = seen_texts(ledger, chain)
    found = 0
    with Comparison(ledger, chain) as compared:
        notes = checkpoints_of(ledger, chain)
        lines = lines_of(ledger, chain, notes)
        for note in reversed(notes):
            told = parse_checkpoint(note.text)
            beyond = told.size > compared.size
            if found == AGAINST_LIMIT or (not beyond and compared.agrees(told)):
                continue
            if note.text in seen or lines.is_signed(note):
                if not beyond:
                    compared.fits(told)  # where it is ours that does not hold, that is said
                found += 1
                yield TakenCheckpoint(told, note, "ahead" if beyond else "forked")


class Promised(NamedTuple):
    """A checkpoint that is kept of a chain, and reaches beyond what is held.

    `seen`: it is remembered, whoever may sign then.
    """

    root: bytes
    note: Note
    seen: bool


class Promises:
    """What the next entries of a chain must come to, by the checkpoints that are kept of it.

    `sizes`: at which there is one, in order.
    """

    chain: bytes
    by_size: defaultdict[int, list[Promised]]
    sizes: list[int]

    def __init__(self, ledger: Ledger, chain: bytes, size: int) -> None:
        """`size`: how many entries are held. Raises StoreError."""
        self.chain, self.by_size = chain, defaultdict[int, list[Promised]](list)
        seen = seen_texts(ledger, chain)
        for note in checkpoints_of(ledger, chain):
            told = parse_checkpoint(note.text)
            if told.size > size:
                self.by_size[told.size].append(Promised(told.root, note, note.text in seen))
        self.sizes = sorted(self.by_size)
        self._frontier = Frontier()
        if self.sizes and size:
            # Nobody is said to have broken one by a tree that is derived, or by what does not hold.
            standing = standing_checkpoints(ledger, chain)
            last = parse_checkpoint(standing[-1].text) if standing else None
            self._frontier = grown(ledger, chain, last, size, custody=False).frontier

    def broken(self, ids: Sequence[bytes], roster: Roster) -> Fault | None:
        """Whether the next entries, by their ids, break a promise; `roster` is the one after them.

        A checkpoint that no key in force at its size signed promises nothing.
        """
        self._frontier.extend(ids)
        size = self._frontier.size
        for one in self.by_size.get(size, ()):
            if one.root != self._frontier.root() and (
                one.seen or LogLines.after(roster, self.chain).is_signed(one.note)
            ):
                says = Keyed("fault.chain-fork.there", n=size)
                return Fault(self.chain.hex(), size - 1, 7, "chain-fork", says)
        return None


def give_back(ledger: Ledger) -> int:
    """Lay into the ledger what is remembered of checkpoints beside the user's marks, and not there.

    So whoever takes from the ledger has them too. How many; those that nobody who might signed stay
    where they are. Raises StoreError.
    """
    given = 0
    for chain in ledger.engine.chains() if ledger.marks is not None else ():
        assert ledger.marks is not None
        folder = ledger.marks.remembered(chain)
        for place, ahead in ((folder, False), (folder / AHEAD, True)):
            held = {
                note.text: set(note.signatures)
                for note in ledger.engine.checkpoints(chain, ahead=ahead)
            }
            lacking = [
                note
                for note in checkpoints_in(place)
                if not set(note.signatures) <= held.get(note.text, set())
            ]
            lines = lines_of(ledger, chain, lacking) if lacking else None
            for note in lacking:
                try:
                    signed = lines is not None and lines.is_signed(note)
                except (RosterError, UncertainError):
                    break  # which is said elsewhere
                if signed:
                    ledger.engine.keep_checkpoint(chain, note, ahead=ahead)
                    given += 1
    return given
