"""Taking entries into the index: each verified first, each read once.

A chain is taken in as far as it holds (steps 1 to 6); where it stops, what follows is not read, and
the chain's row says why. Every thing that an entry touches, by itself or through what it cites,
becomes stale and is folded again.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import msgspec

from chainlog.custody.act import (
    PARTS,
    milliseconds,
    read_event,
    things_in,
    things_replaced,
    without_things,
)
from chainlog.events.event import is_governing
from chainlog.events.mentions import files_named
from chainlog.events.things import is_item, serial_of
from chainlog.format.entry import NO_ID, Entry, entry_id
from chainlog.index.governing import roster_of
from chainlog.index.schema import ABSENT, REPLACING, UNKNOWN, WITHHELD, transaction
from chainlog.index.staleness import Staleness, cited_in
from chainlog.verifier.run import Known, verify_on

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from chainlog.events.roster import Roster
    from chainlog.format.body import Body
    from chainlog.format.record import Record
    from chainlog.store.engine import Engine
    from chainlog.verifier.entry import Opened
    from chainlog.verifier.report import Fault

# Entries verified and written at once: enough to pay for the threads.
_GROUP: Final = 1024
_SUBJECTS_KEPT: Final = 200_000
_PART_NUMBER: Final = {part: number for number, part in enumerate(PARTS)}
_encode: Final = msgspec.msgpack.Encoder().encode


class DoubtError(Exception):
    """The index is not of these chains, or not any more: read all again."""


class RaceError(Exception):
    """Another program is taking in the same entries."""


def catch_up(
    db: sqlite3.Connection, engine: Engine, progress: Callable[[int], None] | None = None
) -> None:
    """Take in what the chains hold beyond what was taken in.

    Raises DoubtError; StoreError where a chain cannot be read.
    """
    while True:
        try:
            _catch_up(db, engine, progress)
        except RaceError:
            continue
        return


def _catch_up(
    db: sqlite3.Connection, engine: Engine, progress: Callable[[int], None] | None
) -> None:
    following = _Following(db)
    held = engine.chains()
    known = {bytes(chain): int(size) for chain, size in db.execute("SELECT id, size FROM chain")}
    if set(known) - set(held):
        raise DoubtError
    for chain in held:
        head = engine.head(chain)
        if known.get(chain, 0) > head.size:
            raise DoubtError
        if chain not in known or head.size > known[chain]:
            following.take_chain(engine, chain, progress)
        elif not _is_there(db, engine, chain):
            raise DoubtError


def _is_there(db: sqlite3.Connection, engine: Engine, chain: bytes) -> bool:
    """Whether the chain still holds the last entry that was taken in, which fixes all before it."""
    size, head = db.execute("SELECT size, head FROM chain WHERE id = ?", (chain,)).fetchone()
    if size == 0:
        return True
    record = next(engine.read(chain, size - 1, size), None)
    return record is not None and entry_id(record.entry) == head


class _Following:
    """One catching up. `subjects` and `signers`: numbers already looked up."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db, self.staleness = db, Staleness(db)
        self.subjects: dict[str, int] = {}
        self.signers: dict[tuple[Any, ...], int] = {}
        self.next_entry = (db.execute("SELECT max(no) FROM entry").fetchone()[0] or 0) + 1
        self.next_subject = (db.execute("SELECT max(no) FROM subject").fetchone()[0] or 0) + 1

    def take_chain(
        self, engine: Engine, chain: bytes, progress: Callable[[int], None] | None
    ) -> None:
        """Take in a chain from where it was left, some hundred entries at a time.

        Each group is taken in whole or not at all.
        """
        number, known = self._known(chain)
        if known.size and not _is_there(self.db, engine, chain):
            raise DoubtError
        roster = known.roster
        records = engine.read(chain, known.size)
        parallel = os.cpu_count() or 1
        with ThreadPoolExecutor(parallel) as workers:
            while group := list(islice(records, _GROUP)):
                after, opened, fault = verify_on(
                    known, group, workers=workers if len(group) > 64 else None, parallel=parallel
                )
                taken = group[: after.size - known.size]
                with transaction(self.db):
                    self._refuse_race(number, known.size)
                    roster, last = self._take_group(number, roster.copy(), taken, opened)
                    self._keep(number, after, roster, last, fault)
                known = after
                if progress is not None:
                    progress(len(taken))
                if fault is not None:
                    return

    def _refuse_race(self, number: int, size: int) -> None:
        """Another program may have taken in the same entries, or others, in the meantime.

        Then begin again.
        """
        now = self.db.execute(
            "SELECT size, (SELECT max(no) FROM entry) FROM chain WHERE no = ?", (number,)
        ).fetchone()
        if now is None or now[0] != size or (now[1] or 0) + 1 != self.next_entry:
            raise RaceError

    def _known(self, chain: bytes) -> tuple[int, Known]:
        """The chain's number and how far it was taken in.

        Its roster is folded again from its governing entries.
        """
        self.db.execute(
            "INSERT OR IGNORE INTO chain (id, size, head, origin, site, programme, time) "
            "VALUES (?, 0, ?, '', '', ?, 0)",
            (chain, NO_ID, NO_ID),
        )
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

    def _take_group(
        self, number: int, roster: Roster, records: list[Record], opened: list[Opened]
    ) -> tuple[Roster, int | None]:
        last = None
        rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _INSERTS}
        stirred: list[tuple[int, Entry, dict[str, Any] | None]] = []
        for record, (entry, body, _) in zip(records, opened, strict=True):
            last = entry.header.time
            no, self.next_entry = self.next_entry, self.next_entry + 1
            if is_governing(entry.header.kind):
                rows["governing"].append((number, entry.header.index, record.entry, record.body))
                self._row(rows, no, number, entry, roster, None, 0 if body else ABSENT)
                rows["withheld"] += _withheld(no, body)
                roster.govern(entry.header, body)
                continue
            fields, flags = self._read(entry, body)
            self._row(rows, no, number, entry, roster, fields, flags)
            rows["withheld"] += _withheld(no, body)
            stirred.append((no, entry, fields))
        for name, statement in _INSERTS.items():
            self.db.executemany(statement, rows[name])
        self.staleness.stir(stirred)
        return roster, last

    def _read(self, entry: Entry, body: Body | None) -> tuple[dict[str, Any] | None, int]:
        if body is None:
            return None, ABSENT
        event = read_event(entry.header.kind, body.fields(), body.withheld)
        if event is None:
            return None, WITHHELD if body.withheld else UNKNOWN
        return event.fields, WITHHELD if body.withheld else 0

    def _row(
        self,
        rows: dict[str, list[tuple[Any, ...]]],
        no: int,
        number: int,
        entry: Entry,
        roster: Roster,
        fields: dict[str, Any] | None,
        flags: int,
    ) -> None:
        """The rows of one entry."""
        header = entry.header
        told = fields or {}
        lines = 0
        for key, part, line in things_in(told):
            subject = self._subject(key)
            rows["mention"].append((no, lines, subject, _PART_NUMBER[part], _encode(line)))
            rows["stale"].append((subject,))
            if part == "container":
                rows["box"].append((subject,))
            lines += 1
        for at, (key, part, line) in enumerate(things_replaced(told), lines):
            subject = self._subject(key)
            rows["mention"].append((no, at, subject, _PART_NUMBER[part] + REPLACING, _encode(line)))
            rows["stale"].append((subject,))
        rows["cite"] += [(no, name, target) for name, target in cited_in(told)]
        rows["attachment"] += [(digest, no) for digest in files_named(told)]
        happened = milliseconds(told["event_time"]) if fields is not None else header.time
        signer = self._signer(entry, roster)
        document = told.get("document")
        rows["entry"].append(
            (
                no,
                number,
                header.index,
                entry.id,
                header.time,
                happened,
                header.kind,
                signer,
                document,
                lines,
                flags,
                _encode(without_things(told)),
            )
        )

    def _subject(self, key: str) -> int:
        known = self.subjects.get(key)
        if known is None:
            if len(self.subjects) > _SUBJECTS_KEPT:
                self.subjects.clear()
            row = self.db.execute("SELECT no FROM subject WHERE key = ?", (key,)).fetchone()
            if row is None:
                known, self.next_subject = self.next_subject, self.next_subject + 1
                self.db.execute(
                    "INSERT INTO subject (no, key, serial) VALUES (?, ?, ?)",
                    (known, key, serial_of(key) if is_item(key) else None),
                )
            else:
                known = int(row[0])
            self.subjects[key] = known
        return known

    def _signer(self, entry: Entry, roster: Roster) -> int:
        key = entry.header.author
        grant = roster.keys.get(key)
        name, party, roles = (
            (grant.name, grant.party, " ".join(grant.roles)) if grant else ("", "", "")
        )
        row = (entry.chain, key, name, party, roles, roster.programme or entry.chain)
        known = self.signers.get(row)
        if known is None:
            self.db.execute(
                "INSERT OR IGNORE INTO signer (chain, key, name, party, roles, programme) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                row,
            )
            numbered = self.db.execute(
                "SELECT no FROM signer WHERE chain = ? AND key = ? AND name = ? AND party "
                "= ? AND roles = ?",
                row[:5],
            ).fetchone()
            known = self.signers[row] = int(numbered[0])
        return known


def _withheld(no: int, body: Body | None) -> list[tuple[int, str, int]]:
    """The rows of an entry's fields that are not shown: how many slots of each name."""
    if body is None or body.state == "full":
        return []
    names = Counter(path.partition("/")[0] for path in body.withheld)
    return [(no, name, count) for name, count in names.items()]


_INSERTS: Final = {
    "governing": "INSERT INTO governing VALUES (?, ?, ?, ?)",
    "entry": "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "mention": "INSERT INTO mention VALUES (?, ?, ?, ?, ?)",
    "stale": "INSERT OR IGNORE INTO stale VALUES (?)",
    "box": "UPDATE subject SET box = 1 WHERE no = ?",
    "cite": "INSERT OR IGNORE INTO cite VALUES (?, ?, ?)",
    "withheld": "INSERT INTO withheld VALUES (?, ?, ?)",
    "attachment": "INSERT OR IGNORE INTO attachment VALUES (?, ?)",
}
