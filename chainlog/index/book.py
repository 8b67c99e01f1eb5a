"""Reading the index: acts with what was said of them, and the histories of things.

All of either can be read in one pass.

`Book` is what custody and audit are folded from: it gives acts as they count as of an instant.
Nothing here depends on the order in which entries arrived.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

import msgspec

from chainlog.custody.act import ANSWERS, DAY_MS, HANDOVERS, MOVES, PARTS, Act, ActSigner, Touch
from chainlog.custody.order import Order
from chainlog.events.kinds import CUSTODY, kinds_that
from chainlog.index.corrections import Rulings
from chainlog.index.entries import UNREAD, Entries
from chainlog.index.papers import papers_of
from chainlog.index.schema import ABSENT, CITED, CORRECTED, REPLACING, WITHHELD, in_sql

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator
    from sqlite3 import Connection


_KEPT: Final = 20_000
# A container takes what is in it along; nobody packs deeper than this.
_BOXES: Final = 64
_ALL_KINDS: Final = frozenset(shape.kind for shape in CUSTODY)
_decode: Final = msgspec.msgpack.Decoder().decode


class Book:
    """Acts and histories, as of an instant (ms by the entries' clocks), or of all that is held."""

    db: Connection
    as_of: int | None

    def __init__(self, db: sqlite3.Connection, as_of: int | None = None) -> None:
        self.db, self.as_of = db, as_of
        self._entries = Entries(db)
        self._rulings = Rulings(self._entries, as_of)
        self._acts: dict[int, Act | None] = {}
        self._accepted: dict[str, list[int]] = {}

    def forget(self) -> None:
        """Read all anew: the index has changed."""
        self._entries.forget()
        self._rulings.forget()
        self._acts.clear()
        self._accepted.clear()

    # Acts

    def act(self, no: int) -> Act | None:
        """An entry as it counts.

        It is None for one that says nothing of custody, cannot be read, or was recorded later.
        """
        if no in self._acts:
            return self._acts[no]
        if len(self._acts) > _KEPT:
            self._acts.clear()
        bare, flags = self.original(no)
        act = None
        if (
            not flags & UNREAD
            and "." not in bare.kind
            and (self.as_of is None or bare.time <= self.as_of)
        ):
            act = self._rulings.ruled(no, bare) if flags & CORRECTED else bare
            answers = self._answers(no, act, flags)
            if answers:
                act = msgspec.structs.replace(act, answers=answers)
        self._acts[no] = act
        return act

    def original(self, no: int) -> tuple[Act, int]:
        """An entry as it was written, without what was said of it, and its flags."""
        return self._entries.original(no)

    def written(self, act: Act) -> Act:
        """An act as it was first written, whatever became of it."""
        no = self.number_of(act.id)
        return act if no is None else self.original(no)[0]

    def number_of(self, entry_id: bytes) -> int | None:
        """The number of the entry with this id, None where it is not held."""
        return self._entries.number_of(entry_id)

    def cited(self, act: Act, name: str) -> Act | None:
        """The act that a field cites by id.

        None where it cites none, or one that is not held or says nothing of custody.
        """
        target = act.fields.get(name)
        no = self.number_of(target) if isinstance(target, bytes) else None
        return None if no is None else self.act(no)

    def things(self, act: Act) -> list[tuple[str, Touch]]:
        """The things that an act names, as it counts, in order."""
        no = self.number_of(act.id)
        if no is None or act.standing == "taken back":
            return []
        if act.standing == "replaced":
            told = [
                (at, key, part, line)
                for key, some in self._rulings.replaced[no].items()
                for at, part, line in some
            ]
            return [
                (key, Touch(act, part, at, line))
                for at, key, part, line in sorted(told, key=lambda one: one[0])
            ]
        rows = self.db.execute(
            "SELECT s.key, m.part, m.at, m.line FROM mention m JOIN subject s ON s.no = "
            "m.subject WHERE m.entry = ? ORDER BY m.at",
            (no,),
        )
        return [
            (key, Touch(act, PARTS[part], at, _decode(line)))
            for key, part, at, line in rows.fetchall()
            if part < REPLACING
        ]

    def acts(self, *kinds: str) -> Iterator[Act]:
        """Every act, or those that were written as, or replaced by, one of some kinds.

        By chain and index.
        """
        if not kinds or set(kinds) >= _ALL_KINDS:
            chains = [
                no for (no,) in self.db.execute("SELECT no FROM chain ORDER BY id").fetchall()
            ]
            for chain in chains:
                yield from self._run(
                    kinds, "SELECT no FROM entry WHERE chain = ? ORDER BY idx", (chain,)
                )
            return
        # What was corrected may be of any kind by now.
        chosen = (
            f"SELECT no FROM entry WHERE kind IN ({', '.join('?' * len(kinds))}) UNION SELECT "
            f"no FROM entry WHERE flags & {CORRECTED}"
        )
        yield from self._run(
            kinds,
            "SELECT e.no FROM entry e JOIN chain c ON c.no = e.chain WHERE e.no IN "
            f"({chosen}) ORDER BY c.id, e.idx",
            kinds,
        )

    def _run(self, kinds: tuple[str, ...], query: str, given: tuple[object, ...]) -> Iterator[Act]:
        rows = self.db.execute(query, given)
        while some := rows.fetchmany(1000):
            for (no,) in some:
                act = self.act(no)
                if act is not None and (not kinds or act.kind in kinds):
                    yield act

    def hidden(self) -> Iterator[Act]:
        """The acts of which something is not shown: in part, or the whole body; by no order."""
        rows = self.db.execute(f"SELECT no FROM entry WHERE flags & {ABSENT | WITHHELD}")
        for (no,) in rows.fetchall():
            act = self.act(no)
            if act is not None and act.withheld and act.standing == "stands":
                yield act

    def papers(self) -> Iterator[list[Act]]:
        """The advices, dispatches and receipts, document by document (`shipment.Papers`)."""
        return papers_of(self)

    def signer(self, no: int) -> ActSigner:
        """The signer with this number."""
        return self._entries.signer(no)

    def _answers(self, no: int, act: Act, flags: int) -> tuple[Act, ...]:
        """What accepts, attests or corrects an act.

        What names its id, and acceptances of a handover by its document.
        """
        numbers: dict[int, None] = {}
        if flags & CITED:
            numbers |= dict.fromkeys(row[0] for row in self.db.execute(_CITING, (act.id,)))
            # A correction may have turned an answer to another entry into one to this.
            anew = [self._rulings.root(row[0]) for row in self.db.execute(_CITING_ANEW, (act.id,))]
            numbers |= dict.fromkeys(root for root in anew if root is not None)
        document = act.text("document")
        if document and act.kind in HANDOVERS:
            numbers |= dict.fromkeys(self._accepting(document))
        found = [
            told
            for number in numbers
            if number != no and (told := self._answer(number)) is not None and _is_answer(told, act)
        ]
        return tuple(Order(found).acts) if found else ()

    def _accepting(self, document: str) -> list[int]:
        """The acceptances that name a document and no entry; many handovers may bear one number."""
        known = self._accepted.get(document)
        if known is None:
            if len(self._accepted) > _KEPT:
                self._accepted.clear()
            known = self._accepted[document] = [
                row[0] for row in self.db.execute(_ACCEPTING, (document,))
            ]
        return known

    def _answer(self, no: int) -> Act | None:
        """An answer, without the answers to it, but as it counts."""
        bare, flags = self.original(no)
        if flags & UNREAD or (self.as_of is not None and bare.time > self.as_of):
            return None
        return self._rulings.ruled(no, bare) if flags & CORRECTED else bare

    # Histories

    def history(self, key: str) -> list[Touch]:
        """All that was said of a thing, and of the containers that it was packed in."""
        row = self.db.execute("SELECT no FROM subject WHERE key = ?", (key,)).fetchone()
        return [] if row is None else self.history_of(row[0], key)

    def history_of(self, subject: int, key: str) -> list[Touch]:
        """The same, of a thing by its number."""
        rows = self.db.execute(
            "SELECT entry, at, part, line FROM mention WHERE subject = ? ORDER BY entry, at",
            (subject,),
        ).fetchall()
        return self._with_boxes(key, self._touches(key, rows))

    def histories(self) -> Iterator[tuple[str, list[Touch]]]:
        """Every thing with its history, in one pass, in no order that means anything."""
        rows = self.db.execute(
            "SELECT m.subject, s.key, m.entry, m.at, m.part, m.line FROM mention m JOIN "
            "subject s ON s.no = m.subject ORDER BY m.subject"
        )
        for (_, key), group in groupby(rows, key=lambda row: (row[0], row[1])):
            touches = self._touches(key, (row[2:] for row in group))
            if touches:
                yield key, self._with_boxes(key, touches)

    def _touches(self, key: str, rows: Iterable[tuple[int, int, int, bytes]]) -> list[Touch]:
        """What the entries in some rows (entry, at, part, line) say of a thing, as they count."""
        touches: list[Touch] = []
        correcting: set[int] = set()
        for no, at, part, line in rows:
            if part < REPLACING:
                act = self.act(no)
                if act is not None and act.standing != "replaced":
                    touches.append(Touch(act, PARTS[part], at, _decode(line)))
            elif no not in correcting:
                correcting.add(no)
                touches += self._touches_replaced(key, no)
        return touches

    def _touches_replaced(self, key: str, no: int) -> Iterator[Touch]:
        """What a correction puts in the place of the entry that it is about.

        The correction must be the one that counts.
        """
        root = self._rulings.root(no)
        act = self.act(root) if root is not None else None
        if (
            act is not None
            and act.correction is not None
            and root in self._rulings.replaced
            and act.correction.id == self.original(no)[0].id
        ):
            yield from (
                Touch(act, part, at, line)
                for at, part, line in self._rulings.replaced[root].get(key, ())
            )

    def _with_boxes(self, key: str, touches: list[Touch]) -> list[Touch]:
        boxes = {
            touch.line["container"]: None
            for touch in touches
            if touch.part == "items" and touch.act.does.step == "packs"
        }
        if not boxes:
            return touches
        seen, moves = {key}, list[Touch]()
        pending = list(boxes)
        while pending and len(seen) < _BOXES:
            box = pending.pop()
            if box in seen:
                continue
            seen.add(box)
            for touch in self._moves(box):
                if touch.part == "items":
                    # What a box is packed in moves it as well, and with it what is inside.
                    moves.append(Touch(touch.act, "around", touch.at, {"box": box, **touch.line}))
                    pending.append(touch.line["container"])
                elif touch.part == "lines" and touch.act.kind in MOVES:
                    moves.append(Touch(touch.act, "around", touch.at, {"box": box}))
        return touches + moves

    def _moves(self, box: str) -> Iterable[Touch]:
        rows = self.db.execute(
            "SELECT m.entry, m.at, m.part, m.line FROM mention m JOIN subject s ON s.no = "
            "m.subject WHERE s.key = ?",
            (box,),
        )
        return self._touches(box, rows.fetchall())


def _is_answer(answer: Act, act: Act) -> bool:
    """Whether an answer, as it counts by now, is one to an act.

    By id, or by the document of a handover that was before it.

    Numbers of papers are used again: who accepted one in spring has not accepted what goes under
    the same number in summer. Clocks may differ by a day.
    """
    if "entry" in answer.fields:
        return bool(answer.fields["entry"] == act.id)
    hidden = answer.hides("entry")  # which may be of another under this document
    if hidden or answer.does.step != "accepts" or answer.text("document") != act.text("document"):
        return False
    return (
        answer.index > act.index if answer.chain == act.chain else answer.when > act.when - DAY_MS
    )


_CITING_ANEW: Final = "SELECT entry FROM cite WHERE target = ? AND name = 'anew'"
_CITING: Final = (
    "SELECT c.entry FROM cite c JOIN entry e ON e.no = c.entry"
    " WHERE c.target = ? AND c.name = 'entry' AND e.kind IN "
    f"{in_sql(ANSWERS)}"
)
_ACCEPTING: Final = (
    f"SELECT e.no FROM entry e WHERE e.document = ? AND e.kind IN {in_sql(kinds_that('accepts'))}"
    " AND NOT EXISTS (SELECT 1 FROM cite c WHERE c.entry = e.no AND c.name = 'entry')"
)
