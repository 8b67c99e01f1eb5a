"""Entries as they were written, read from the index by their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from chainlog.custody.act import Act, ActSigner
from chainlog.events.kinds import names_in
from chainlog.index.schema import ABSENT, UNKNOWN, WITHHELD

if TYPE_CHECKING:
    import sqlite3

# Flag of an entry whose event cannot be read. One without a body is an act that hides everything.
UNREAD: Final = UNKNOWN
_KEPT: Final = 20_000
_COLUMNS: Final = (
    "e.no, e.idx, e.id, e.time, e.happened, e.kind, e.signer, e.lines, e.flags, e.fields, c.id"
)
_ENTRY: Final = f"SELECT {_COLUMNS} FROM entry e JOIN chain c ON c.no = e.chain"
_decode: Final = msgspec.msgpack.Decoder().decode


class Entries:
    """Entries as they were written, without what was said of them; what was read is kept."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self._signers: dict[int, ActSigner] = {}
        self._known: dict[int, tuple[Act, int]] = {}

    def forget(self) -> None:
        """Read all anew: the index has changed."""
        self._known.clear()

    def original(self, no: int) -> tuple[Act, int]:
        """An entry as it was written, without what was said of it, and its flags."""
        known = self._known.get(no)
        if known is None:
            if len(self._known) > _KEPT:
                self._known.clear()
            known = self._known[no] = self._read(
                self.db.execute(f"{_ENTRY} WHERE e.no = ?", (no,)).fetchone()
            )
        return known

    def number_of(self, entry_id: bytes) -> int | None:
        """The number of the entry with this id, None where it is not held."""
        row = self.db.execute("SELECT no FROM entry WHERE id = ?", (entry_id,)).fetchone()
        return None if row is None else int(row[0])

    def _read(self, row: Any) -> tuple[Act, int]:  # noqa: ANN401  (a row of _ENTRY)
        no, index, entry_id, time, happened, kind, signer, lines, flags, fields, chain = row
        told = _decode(fields)
        return Act(
            entry_id,
            chain,
            index,
            time,
            kind,
            happened,
            self.signer(signer),
            told,
            lines,
            withheld=names_in(kind)
            if flags & ABSENT
            else self._withheld(no)
            if flags & WITHHELD
            else (),
        ), flags

    def _withheld(self, no: int) -> tuple[str, ...]:
        rows = self.db.execute("SELECT name FROM withheld WHERE entry = ? ORDER BY name", (no,))
        return tuple(name for (name,) in rows)

    def signer(self, no: int) -> ActSigner:
        """The signer with this number."""
        known = self._signers.get(no)
        if known is None:
            row = self.db.execute(
                "SELECT chain, key, name, party, roles, programme FROM signer WHERE no = ?", (no,)
            ).fetchone()
            chain, key, name, party, roles, programme = row
            known = self._signers[no] = ActSigner(
                chain, key, name, party, tuple(roles.split()), programme
            )
        return known
