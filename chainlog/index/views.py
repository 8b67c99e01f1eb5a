"""Who holds what, kept: the fold of every stale thing, and quick answers from what was folded."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec

from chainlog.custody.item import fold_item
from chainlog.custody.lot import LotState, fold_lot
from chainlog.events.door.identifiers import fold
from chainlog.events.things import is_item
from chainlog.index.holding import Holding, Rest, lot_holdings, lot_worth
from chainlog.index.schema import transaction

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator
    from sqlite3 import Connection

    from chainlog.custody.state import ItemState
    from chainlog.index.book import Book

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder().decode
_CHUNK: Final = 2000


def fold_stale(db: sqlite3.Connection, book: Book) -> int:
    """Fold every stale thing again, and what is packed in it; returns how many."""
    count = version = 0
    _spread(db)
    while True:
        with transaction(db):
            now = db.execute("PRAGMA data_version").fetchone()[0]
            if now != version:
                book.forget()  # another program has written in the meantime
                version = now
            some = db.execute(
                "SELECT x.subject, s.key FROM stale x JOIN subject s ON s.no = x.subject "
                "ORDER BY x.subject LIMIT ?",
                (_CHUNK,),
            ).fetchall()
            for subject, key in some:
                touches = book.history_of(subject, key)
                if is_item(key):
                    _keep_item(db, subject, fold_item(key, touches))
                elif not key.startswith("container:"):
                    _keep_lot(db, subject, fold_lot(key, touches))
            db.executemany(
                "DELETE FROM stale WHERE subject = ?", [(subject,) for subject, _ in some]
            )
        count += len(some)
        if not some:
            return count


def _spread(db: sqlite3.Connection) -> None:
    """What was ever packed in a stale box is stale too, and so on inwards."""
    spread: set[int] = set()
    while (
        boxes := {
            row[0]
            for row in db.execute(
                "SELECT x.subject FROM stale x JOIN subject s ON s.no = x.subject WHERE s.box = 1"
            )
        }
        - spread
    ):
        spread |= boxes
        for box in boxes:
            db.execute(
                "INSERT OR IGNORE INTO stale SELECT DISTINCT i.subject FROM mention o "
                "JOIN mention i ON i.entry = o.entry"
                " WHERE o.subject = ? AND o.part % 8 = 2 AND i.part % 8 = 1",
                (box,),
            )


def _keep_item(db: sqlite3.Connection, subject: int, state: ItemState) -> None:
    placed = state.status != "unknown"
    view = {
        "bound_for": state.bound_for,
        "place": state.place,
        "nsn": state.nsn,
        "condition": state.condition,
        "monitoring": state.monitoring,
        "agreement": state.agreement,
        "worth": state.worth,
    }
    db.execute(
        "UPDATE subject SET holder = ?, status = ?, type = ?, container = ?, since = ?, "
        "view = ? WHERE no = ?",
        (
            state.holder if placed else None,
            state.status,
            state.type,
            state.container,
            state.since.id if state.since else None,
            _encode(view),
            subject,
        ),
    )


def _keep_lot(db: sqlite3.Connection, subject: int, lot: LotState) -> None:
    worth = (
        None
        if lot.worth is None
        else [lot.worth[0]["amount"], lot.worth[0]["currency"], str(lot.worth[1])]
    )
    db.execute(
        "UPDATE subject SET type = ?, view = ? WHERE no = ?",
        (lot.type, _encode({"monitoring": lot.monitoring, "worth": worth}), subject),
    )
    db.execute("DELETE FROM balance WHERE subject = ?", (subject,))
    for holding in lot_holdings(lot):
        since = holding.since.id if holding.since else None
        db.execute(
            "INSERT INTO balance VALUES (?, ?, ?, ?, ?, ?)",
            (
                subject,
                holding.unit,
                f"{holding.status}\n{holding.bound_for}",
                holding.holder,
                str(holding.quantity),
                since,
            ),
        )


class Views:
    """Quick answers from what was folded, as of all that is held."""

    db: Connection
    book: Book

    def __init__(self, db: sqlite3.Connection, book: Book) -> None:
        self.db, self.book = db, book

    def holdings(self, holder: str | None = None) -> Iterator[Holding]:
        """What there is, of one holder or of all: items, then lots.

        What is lost, used or destroyed too.
        """
        where, given = (
            (" WHERE s.holder = ?", (holder,))
            if holder is not None
            else (" WHERE s.holder IS NOT NULL", ())
        )
        yield from self._items(where, given)
        yield from self._lots(" WHERE b.holder = ?" if holder is not None else "", given)

    def item(self, key: str) -> Holding | None:
        """One item, None where the ledger does not know it or place it."""
        return next(self._items(" WHERE s.key = ? AND s.holder IS NOT NULL", (key,)), None)

    def worth(self, key: str, line: dict[str, Any]) -> tuple[Decimal, str] | None:
        """What a quantity of a lot is worth, by what the ledger knows of the lot."""
        row = self.db.execute(
            "SELECT view FROM subject WHERE key = ? AND view IS NOT NULL", (key,)
        ).fetchone()
        told = None if row is None else _decode(row[0]).get("worth")
        if not told or "quantity" not in line or isinstance(told, dict):
            return None
        return lot_worth(
            ({"amount": told[0], "currency": told[1]}, Decimal(told[2])), Decimal(line["quantity"])
        )

    def lot(self, key: str) -> list[Holding]:
        """What there is of one lot."""
        return list(self._lots(" WHERE s.key = ?", (key,)))

    def contents(self, container: str) -> list[Holding]:
        """The items in a container."""
        return list(self._items(" WHERE s.container = ? AND s.holder IS NOT NULL", (container,)))

    def resting_on(self, entries: Iterable[bytes]) -> list[Holding]:
        """The items whose custody rests on one of these entries."""
        return [
            holding
            for one in entries
            for holding in self._items(" WHERE s.since = ? AND s.holder IS NOT NULL", (one,))
        ]

    def named(self, text: str) -> list[str]:
        """The keys of the items that a text means: an item's own text, or a bare serial."""
        rows = self.db.execute(
            "SELECT key FROM subject WHERE key = ? OR serial = ? ORDER BY key LIMIT 100",
            (text, text),
        ).fetchall()
        exact = [key for (key,) in rows if key == text]
        return exact or [key for (key,) in rows]

    def folded(self, text: str) -> list[str]:
        """The keys of the things that a text means but for case, blanks, dashes and alphabet."""
        wanted = fold(text)
        rows = self.db.execute("SELECT key, serial FROM subject ORDER BY key")
        return [key for key, serial in rows if wanted in {fold(key), fold(serial or "")} and wanted]

    def _items(self, where: str, given: tuple[Any, ...]) -> Iterator[Holding]:
        rows = self.db.execute(
            "SELECT s.key, s.holder, s.status, s.type, s.container, s.view, e.id, e.kind, "
            "e.time, e.happened, e.document, e.signer"
            f" FROM subject s LEFT JOIN entry e ON e.id = s.since{where} ORDER BY s.key",
            given,
        )
        for key, holder, status, kind, container, view, *rest in rows:
            told = _decode(view)
            worth = told.pop("worth")
            valued = None if worth is None else (Decimal(worth["amount"]), worth["currency"])
            yield Holding(
                key,
                status,
                holder,
                Decimal(1),
                type=kind,
                container=container,
                worth=valued,
                since=self._rest(rest),
                **told,
            )

    def _lots(self, where: str, given: tuple[Any, ...]) -> Iterator[Holding]:
        rows = self.db.execute(
            "SELECT s.key, s.type, s.view, b.unit, b.account, b.holder, b.quantity, e.id, "
            "e.kind, e.time, e.happened, e.document, e.signer"
            " FROM balance b JOIN subject s ON s.no = b.subject LEFT JOIN entry e ON "
            f"e.id = b.since{where} ORDER BY s.key, b.account",
            given,
        )
        for key, kind, view, unit, account, holder, quantity, *rest in rows:
            told = _decode(view)
            status, _, bound_for = account.partition("\n")
            much = Decimal(quantity)
            worth = told["worth"] and lot_worth(
                (
                    {"amount": told["worth"][0], "currency": told["worth"][1]},
                    Decimal(told["worth"][2]),
                ),
                much,
            )
            yield Holding(
                key,
                status,
                holder,
                much,
                unit,
                bound_for,
                type=kind,
                monitoring=told["monitoring"],
                worth=worth or None,
                since=self._rest(rest),
            )

    def _rest(self, row: list[Any]) -> Rest | None:
        entry_id, kind, time, happened, document, signer = row
        return (
            None
            if entry_id is None
            else Rest(entry_id, kind, time, happened, document or "", self.book.signer(signer))
        )
