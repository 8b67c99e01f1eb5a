"""Who might sign in a chain, as a store holds it: only the entries that changed that are read.

What is held was verified before it was stored. That it was not altered since is for `verify` to
say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.errors import DamagedError, NoEntryError, UncertainError
from chainlog.events.kinds import MOVES_ROSTER
from chainlog.events.roster import Roster
from chainlog.format.entry import entry_id
from chainlog.format.keys import signature_holds
from chainlog.format.opened import Logged, read_logged
from chainlog.store.engine import check_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chainlog.format.record import Record
    from chainlog.store.engine import Engine


def entry_at(engine: Engine, chain: bytes, index: int) -> Logged:
    """One entry by its index.

    Raises NoChainError, NoEntryError, DamagedError; UnreadableError where it may lie in what cannot
    be read.
    """
    for record in engine.read(chain, index, index + 1):
        return read_logged(record)
    check_whole(engine, chain)  # it may be among what cannot be read
    raise NoEntryError(
        "no entry {index}: the chain has {size}", index=index, size=engine.head(chain).size
    )


def linked(engine: Engine, chain: bytes, start: int, stop: int | None) -> Iterator[Record]:
    """The records of a range, each given once the one after it names it.

    The last of the chain is given where its author signed it: so nothing is shown that leads to no
    signature. Raises NoChainError, DamagedError.
    """
    size = engine.head(chain).size
    stop = size if stop is None else min(stop, size)
    held, index = None, max(start, 0)
    for record in engine.read(chain, index, min(stop + 1, size)) if index < stop else ():
        if held is not None:
            _check_linked(index, record.parsed.header.prev == entry_id(held.entry))
            yield held
            index += 1
        held = record
    if held is not None and index < stop:
        entry = held.parsed
        _check_linked(index, signature_holds(entry.header.author, entry.signature, entry.signed))
        yield held


def _check_linked(index: int, holds: bool) -> None:  # noqa: FBT001  (what was found)
    if not holds:
        raise DamagedError(
            "entry {at} of the chain as it is held here does not hold",
            at=index,
            hint="run 'chainlog verify'",
        )


def roster_at(engine: Engine, chain: bytes, size: int) -> Roster:
    """Who may sign after the first `size` entries, at least one, of a chain.

    Raises UncertainError, RosterError, NoEntryError.
    """
    return fold_walk(list(walk_back(engine, chain, size - 1)))


def walk_back(engine: Engine, chain: bytes, index: int) -> Iterator[Logged]:
    """An entry, and then each that changed before it who may sign, latest first, to entry 0.

    They are read along the `roster` pointers. Raises UncertainError where these do not lead back.
    """
    logged = entry_at(engine, chain, index)
    yield logged
    while logged.entry.header.index > 0:
        if logged.entry.header.roster >= logged.entry.header.index:
            raise UncertainError(
                "the roster pointers of this chain do not lead back to its beginning",
                fault="roster-pointer",
                hint="run 'chainlog verify'",
            )
        logged = entry_at(engine, chain, logged.entry.header.roster)
        yield logged


def fold_walk(walked: Sequence[Logged]) -> Roster:
    """Who may sign after the first of these entries, which are those of `walk_back`.

    Raises UncertainError, RosterError.
    """
    roster = Roster()
    for logged in _moving(walked):
        roster.govern(logged.entry.header, logged.body)
    return roster


def moving_in(engine: Engine, chain: bytes, size: int) -> Iterator[Logged]:
    """Those of the first `size` entries, one at least, that change who may sign, in order."""
    return _moving(list(walk_back(engine, chain, size - 1)))


def _moving(walked: Sequence[Logged]) -> Iterator[Logged]:
    return reversed(walked if walked[0].entry.header.kind in MOVES_ROSTER else walked[1:])
