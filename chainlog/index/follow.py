"""Taking entries into the index: each verified first, each read once.

A chain is taken in as far as it holds (steps 1 to 6); where it stops, what follows is not read, and
the chain's row says why. Every thing that an entry touches, by itself or through what it cites,
becomes stale and is folded again.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Final

from chainlog.errors import StoreError
from chainlog.format.entry import NO_ID
from chainlog.index.entry_rows import EntryRows
from chainlog.index.governing import roster_of
from chainlog.index.schema import transaction
from chainlog.index.taken import Taken
from chainlog.verifier.run import Known, verify_on

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from chainlog.errors import Sentence
    from chainlog.events.roster import Roster
    from chainlog.format.record import Record
    from chainlog.store.open import Store
    from chainlog.verifier.report import Fault

# Entries verified and written at once: enough to pay for the threads.
_GROUP: Final = 1024
# The code of the problem of a chain that cannot be read further.
UNREAD: Final = "unreadable"


class DoubtError(Exception):
    """The index is not of these chains, or not any more: read all again."""


class RaceError(Exception):
    """Another program is taking in the same entries."""


def catch_up(
    db: sqlite3.Connection,
    engine: Store,
    is_marked: Callable[[bytes], bool],
    progress: Callable[[int], None] | None = None,
) -> None:
    """Take in what the chains hold beyond what was taken in.

    `is_marked`: whether the user has a mark of a chain. Raises DoubtError; StoreError where nobody
    can tell which chains there are. What cannot be read of a chain is its problem.
    """
    while True:
        try:
            _catch_up(db, engine, is_marked, progress)
        except RaceError:
            continue
        return


def _catch_up(
    db: sqlite3.Connection,
    engine: Store,
    is_marked: Callable[[bytes], bool],
    progress: Callable[[int], None] | None,
) -> None:
    following = _Following(db)
    held = engine.chains()
    known = {
        bytes(chain): (int(no), int(size), code)
        for chain, no, size, code in db.execute("SELECT id, no, size, problem FROM chain")
    }
    if set(known) - set(held):
        raise DoubtError
    for chain in held:
        number, size, code = known.get(chain) or (following.number(chain), 0, None)
        taken = Taken(db, number)
        if size and not taken.is_there(engine.raw(chain), marked=is_marked(chain)):
            raise DoubtError
        try:
            head, why = engine.head(chain), None
            if head.size < size:
                raise DoubtError
            if head.size > size:
                why = following.take_chain(engine, chain, taken, progress)
            why = why or engine.unread(chain)
        except StoreError as error:
            why = error.message
        if why is not None or code == UNREAD:
            _keep_unread(db, number, why)


def _keep_unread(db: sqlite3.Connection, number: int, why: Sentence | None) -> None:
    """Keep why a chain cannot be read further, unless what was read does not hold."""
    told = (None, None) if why is None else (json.dumps(why.parts()), UNREAD)
    db.execute(
        "UPDATE chain SET ends = ?, problem = ? WHERE no = ? AND (problem IS NULL OR problem = ?)",
        (*told, number, UNREAD),
    )


class _Following:
    """One catching up."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db, self.rows = db, EntryRows(db)

    def take_chain(
        self, engine: Store, chain: bytes, taken: Taken, progress: Callable[[int], None] | None
    ) -> Sentence | None:
        """Take in a chain from where it was left, some hundred entries at a time.

        Each group is taken in whole or not at all. Returns why not all of it could be read, if so.
        Raises DoubtError where what was taken in is there no more.
        """
        number, known = self._known(chain)
        roster = known.roster
        records = engine.read(chain, known.size)
        parallel = os.cpu_count() or 1
        with ThreadPoolExecutor(parallel) as workers:
            while True:
                group, why = _next_of(records)
                if not group:
                    return why
                after, opened, fault = verify_on(
                    known, group, workers=workers if len(group) > 64 else None, parallel=parallel
                )
                count = after.size - known.size
                with transaction(self.db):
                    self._refuse_race(number, known.size)
                    roster, last = self.rows.take(number, roster.copy(), group[:count], opened)
                    if not taken.take(engine.raw(chain), known.size, group[:count]):
                        raise DoubtError
                    self._keep(number, after, roster, last, fault)
                known = after
                if progress is not None:
                    progress(count)
                if fault is not None or why is not None:
                    return why

    def _refuse_race(self, number: int, size: int) -> None:
        """Another program may have taken in the same entries, or others, in the meantime.

        Then begin again.
        """
        now = self.db.execute(
            "SELECT size, (SELECT max(no) FROM entry) FROM chain WHERE no = ?", (number,)
        ).fetchone()
        if now is None or now[0] != size or (now[1] or 0) + 1 != self.rows.next_entry:
            raise RaceError

    def number(self, chain: bytes) -> int:
        """The number of a chain, which it gets here where it has none."""
        self.db.execute(
            "INSERT OR IGNORE INTO chain (id, size, head, origin, site, programme, time) "
            "VALUES (?, 0, ?, '', '', ?, 0)",
            (chain, NO_ID, NO_ID),
        )
        row = self.db.execute("SELECT no FROM chain WHERE id = ?", (chain,)).fetchone()
        return int(row[0])

    def _known(self, chain: bytes) -> tuple[int, Known]:
        """The chain's number and how far it was taken in.

        Its roster is folded again from its governing entries.
        """
        number, size, head = self.db.execute(
            "SELECT no, size, head FROM chain WHERE id = ?", (chain,)
        ).fetchone()
        return number, Known(chain, size, bytes(head), roster_of(self.db, chain))

    def _keep(
        self, number: int, known: Known, roster: Roster, last: int | None, fault: Fault | None
    ) -> None:
        programme = roster.programme or known.chain
        ends = (None, None) if fault is None else (json.dumps(fault.says.parts()), fault.code)
        self.db.execute(
            "UPDATE chain SET size = ?, head = ?, origin = ?, site = ?, programme = ?, "
            "time = coalesce(?, time), closed = ?,"
            " ends = ?, problem = ? WHERE no = ?",
            (
                known.size,
                known.head,
                roster.origin,
                roster.site,
                programme,
                last,
                roster.closed_at,
                *ends,
                number,
            ),
        )


def _next_of(records: Iterator[Record]) -> tuple[list[Record], Sentence | None]:
    """Some records more, and why there are no others, if any cannot be read."""
    group: list[Record] = []
    try:
        for record in islice(records, _GROUP):
            group.append(record)  # noqa: PERF402  (what was read before an error counts)
    except StoreError as error:
        return group, error.message
    return group, None
