"""Which things an entry makes stale by what it says of other entries.

A correction, an acceptance or any other word about an entry may change what the things in that
entry come to. They are folded again, however far away it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chainlog.custody.act import HANDOVERS
from chainlog.events.kinds import CITES, kinds_that
from chainlog.index.schema import CITED, CORRECTED, in_sql

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from chainlog.format.entry import Entry

_ACCEPTS: Final = kinds_that("accepts")
_CORRECTS: Final = kinds_that("corrects")


def cited_in(fields: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """The entries that an event names, each with the field that names it."""
    for name in CITES:
        value = fields.get(name)
        if value is None:
            continue  # as of most of them
        for target in value if isinstance(value, list) else (value,):
            if isinstance(target, bytes):
                yield name, target
    told = fields.get("replacement")
    if isinstance(told, dict) and isinstance(told.get("entry"), bytes):
        yield "anew", told["entry"]


class Staleness:
    """The marks of what has to be folded again, and of what was cited and corrected."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def stir(self, taken: Iterable[tuple[int, Entry, dict[str, Any] | None]]) -> None:
        """Take note of entries that were written to the index, each with its number and fields."""
        seen: set[int] = set()  # what hangs together by corrections is gone through once
        for no, entry, fields in taken:
            kind = entry.header.kind
            citing = self.db.execute(_CITING, (entry.id,)).fetchall()
            if citing:
                corrected = any(by in _CORRECTS and name == "entry" for by, name in citing)
                self._flag(no, CITED | (CORRECTED if corrected else 0))
                if corrected:
                    self._stir_corrections(no, seen)
            for name, target in cited_in(fields or {}):
                row = self.db.execute("SELECT no FROM entry WHERE id = ?", (target,)).fetchone()
                if row is None:
                    continue
                corrects = kind in _CORRECTS and name == "entry"
                self._flag(row[0], CITED | (CORRECTED if corrects else 0))
                if corrects:
                    self._stir_corrections(row[0], seen)
                elif kind in _ACCEPTS:
                    self._stale_things(row[0])
            if kind in _ACCEPTS and fields is not None and "entry" not in fields:
                self._stale_document(str(fields.get("document", "")))

    def _stale_document(self, document: str) -> None:
        """The things of all handovers under one document."""
        for (no,) in self.db.execute(
            f"SELECT no FROM entry WHERE document = ? AND kind IN {in_sql(HANDOVERS)}", (document,)
        ).fetchall():
            self._stale_things(no)

    def _stir_corrections(self, no: int, seen: set[int]) -> None:
        """All that hangs together by corrections, both ways, and what these entries answer."""
        pending = [no]
        while pending:
            at = pending.pop()
            if at in seen:
                continue
            seen.add(at)
            self._stale_things(at)
            for (other,) in self.db.execute(_ANSWERED, (at,)).fetchall():
                self._stale_things(other)
            kind, document = self.db.execute(
                "SELECT kind, document FROM entry WHERE no = ?", (at,)
            ).fetchone()
            if kind in _ACCEPTS and document is not None:
                self._stale_document(document)
            pending += [row[0] for row in self.db.execute(_CORRECTIONS_OF, (at,))]
            pending += [row[0] for row in self.db.execute(_CORRECTED_BY, (at,))]

    def _stale_things(self, no: int) -> None:
        self.db.execute(
            "INSERT OR IGNORE INTO stale SELECT subject FROM mention WHERE entry = ?", (no,)
        )

    def _flag(self, no: int, flags: int) -> None:
        self.db.execute(
            "UPDATE entry SET flags = flags | ? WHERE no = ? AND flags & ? <> ?",
            (flags, no, flags, flags),
        )


_CITING: Final = (
    "SELECT e.kind, c.name FROM cite c JOIN entry e ON e.no = c.entry WHERE c.target = ?"
)
_ANSWERED: Final = (
    "SELECT e.no FROM cite c JOIN entry e ON e.id = c.target WHERE c.entry = ? AND c.name IN "
    "('entry', 'anew')"
)
_CORRECTIONS_OF: Final = (
    "SELECT c.entry FROM entry e JOIN cite c ON c.target = e.id JOIN entry a ON a.no = c.entry"
    f" WHERE e.no = ? AND c.name = 'entry' AND a.kind IN {in_sql(_CORRECTS)}"
)
_CORRECTED_BY: Final = (
    "SELECT e.no FROM entry a JOIN cite c ON c.entry = a.no JOIN entry e ON e.id = c.target"
    f" WHERE a.no = ? AND c.name = 'entry' AND a.kind IN {in_sql(_CORRECTS)}"
)
