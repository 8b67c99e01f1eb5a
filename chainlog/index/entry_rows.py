"""What is written of entries that were taken in: a row of each, and of all that it names."""

from __future__ import annotations

from collections import Counter
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
from chainlog.index.schema import ABSENT, REPLACING, UNKNOWN, WITHHELD
from chainlog.index.staleness import Staleness, cited_in

if TYPE_CHECKING:
    import sqlite3

    from chainlog.events.roster import Roster
    from chainlog.format.body import Body
    from chainlog.format.entry import Entry
    from chainlog.format.record import Record
    from chainlog.verifier.entry import Opened

_SUBJECTS_KEPT: Final = 200_000
_PART_NUMBER: Final = {part: number for number, part in enumerate(PARTS)}
_encode: Final = msgspec.msgpack.Encoder().encode


class EntryRows:
    """Rows as they are written. `subjects` and `signers`: numbers already looked up."""

    db: sqlite3.Connection
    staleness: Staleness

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db, self.staleness = db, Staleness(db)
        self.subjects: dict[str, int] = {}
        self.signers: dict[tuple[Any, ...], int] = {}
        self.next_entry = (db.execute("SELECT max(no) FROM entry").fetchone()[0] or 0) + 1
        self.next_subject = (db.execute("SELECT max(no) FROM subject").fetchone()[0] or 0) + 1

    def take(
        self, number: int, roster: Roster, records: list[Record], opened: list[Opened]
    ) -> tuple[Roster, int | None]:
        """Write the rows of some entries of a chain, within a transaction.

        Returns the roster after them, which is the one that was given, and the clock of the last.
        """
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
            return None, UNKNOWN
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
        happened = milliseconds(told["event_time"]) if "event_time" in told else header.time
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
