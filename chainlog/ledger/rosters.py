"""Who might sign in a chain, as a store holds it: only the entries that changed that are read.

What is held was verified before it was stored. That it was not altered since is for `verify` to
say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.errors import NoEntryError, UncertainError
from chainlog.events.kinds import MOVES_ROSTER
from chainlog.events.roster import Roster
from chainlog.format.opened import Logged, read_logged
from chainlog.store.engine import check_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
