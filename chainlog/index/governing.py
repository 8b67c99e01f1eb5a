"""The governing entries of a chain that were taken in: what they say, in order.

They verified when they were taken in, so each folds into its chain's roster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.events.programme import Programme
from chainlog.events.roster import Roster
from chainlog.format.body import open_body
from chainlog.format.entry import parse_entry

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from chainlog.events.event import Event
    from chainlog.format.entry import Entry


def governing(
    db: sqlite3.Connection, chain: bytes, roster: Roster | None = None
) -> Iterator[tuple[Entry, Event]]:
    """The governing entries of a chain, by rising index; none where the chain is not held.

    `roster`: folded on with each of them, from the chain's beginning.
    """
    roster = Roster() if roster is None else roster
    rows = db.execute(
        "SELECT g.entry, g.body FROM governing g JOIN chain c ON c.no = g.chain "
        "WHERE c.id = ? ORDER BY g.idx",
        (chain,),
    )
    for raw, body in rows.fetchall():
        entry = parse_entry(raw)
        yield entry, roster.govern(entry.header, open_body(body, entry.header.body))


def roster_of(db: sqlite3.Connection, chain: bytes) -> Roster:
    """The roster of a chain after all of it that was taken in."""
    roster = Roster()
    for _ in governing(db, chain, roster):
        pass
    return roster


def programme_in(said: Iterable[tuple[Entry, Event]]) -> Programme:
    """What an authority's governing entries, from the first on, say of sites and witnesses."""
    programme = Programme()
    for entry, event in said:
        programme.take(entry.header.index, event.detail)
    return programme
