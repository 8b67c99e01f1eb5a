"""Reading the index: acts with what was said of them, and the histories of things.

All of either can be read in one pass.

`Book` is what custody and audit are folded from: it gives acts as they count as of an instant.
Nothing here depends on the order in which entries arrived.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import msgspec

from chainlog.custody.act import (
    ANSWERS,
    DAY_MS,
    HANDOVERS,
    MOVES,
    PAPERS,
    PARTS,
    Act,
    Signer,
    Touch,
    may_correct,
    milliseconds,
    replacement_of,
    things_in,
    without_things,
)
from chainlog.custody.order import Order
from chainlog.events.kinds import CUSTODY, effect, kinds_that
from chainlog.index.schema import ABSENT, CITED, CORRECTED, REPLACING, UNKNOWN, WITHHELD, in_sql

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from chainlog.custody.act import Fields, Part

_KEPT: Final = 20_000
_COLUMNS: Final = (
    "e.no, e.idx, e.id, e.time, e.happened, e.kind, e.signer, e.lines, e.flags, e.fields, c.id"
)
_ENTRY: Final = f"SELECT {_COLUMNS} FROM entry e JOIN chain c ON c.no = e.chain"
# A container takes what is in it along; nobody packs deeper than this.
_BOXES: Final = 64
_ALL_KINDS: Final = frozenset(shape.kind for shape in CUSTODY)
_decode: Final = msgspec.msgpack.Decoder().decode
_UNREAD: Final = ABSENT | UNKNOWN


class Book:
    """Acts and histories, as of an instant (ms by the entries' clocks), or of all that is held."""

    def __init__(self, db: sqlite3.Connection, as_of: int | None = None) -> None:
        self.db, self.as_of = db, as_of
        self._signers: dict[int, Signer] = {}
        self._bare: dict[int, tuple[Act, int]] = {}
        self._acts: dict[int, Act | None] = {}
        # By the number of an entry that was replaced: the things of the event that stands in its
        # place, by key, with their places.
        self._replaced: dict[int, dict[str, list[tuple[int, Part, Fields]]]] = {}
        self._accepted: dict[str, list[int]] = {}
        # Corrections as they count, by number, and the entries that they are about in the end.
        self._ruled_by: dict[int, tuple[Act | None, Act | None]] = {}
        self._roots: dict[int, int | None] = {}

    def forget(self) -> None:
        """Read all anew: the index has changed."""
        self._bare.clear()
        self._acts.clear()
        self._replaced.clear()
        self._accepted.clear()
        self._ruled_by.clear()
        self._roots.clear()

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
            not flags & _UNREAD
            and "." not in bare.kind
            and (self.as_of is None or bare.time <= self.as_of)
        ):
            act = self._ruled(no, bare) if flags & CORRECTED else bare
            answers = self._answers(no, act, flags)
            if answers:
                act = msgspec.structs.replace(act, answers=answers)
        self._acts[no] = act
        return act

    def original(self, no: int) -> tuple[Act, int]:
        """An entry as it was written, without what was said of it, and its flags."""
        known = self._bare.get(no)
        if known is None:
            if len(self._bare) > _KEPT:
                self._bare.clear()
            known = self._bare[no] = self._read(
                self.db.execute(f"{_ENTRY} WHERE e.no = ?", (no,)).fetchone()
            )
        return known

    def written(self, act: Act) -> Act:
        """An act as it was first written, whatever became of it."""
        no = self.number_of(act.id)
        return act if no is None else self.original(no)[0]

    def number_of(self, entry_id: bytes) -> int | None:
        """The number of the entry with this id, None where it is not held."""
        row = self.db.execute("SELECT no FROM entry WHERE id = ?", (entry_id,)).fetchone()
        return None if row is None else int(row[0])

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
                for key, some in self._replaced[no].items()
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

    def papers(self) -> Iterator[list[Act]]:
        """The advices, dispatches and receipts, document by document (`consignment.Papers`)."""
        self._lay_out_papers()
        rows = self.db.execute(
            "SELECT p.document, p.no FROM paper p JOIN entry e ON e.no = p.no JOIN chain "
            "c ON c.no = e.chain"
            " ORDER BY p.document, c.id, e.idx"
        )
        for document, group in groupby(rows, key=lambda row: row[0]):
            if document:
                acts = [act for _, no in group if (act := self.act(no)) is not None]
                if acts:
                    yield acts
            else:
                yield from ([act] for _, no in group if (act := self.act(no)) is not None)

    def _lay_out_papers(self) -> None:
        """Which paper each of them is under.

        As corrected, and of a receipt that cites a dispatch by id, as that one.
        """
        db = self.db
        db.execute("DROP TABLE IF EXISTS temp.paper")
        db.execute("CREATE TEMP TABLE paper (no INTEGER PRIMARY KEY, document TEXT NOT NULL)")
        db.execute(
            "INSERT INTO paper SELECT no, coalesce(document, '') FROM entry"
            f" WHERE kind IN {in_sql(PAPERS)} AND NOT flags & {CORRECTED}"
        )
        corrected = [
            row[0] for row in db.execute(f"SELECT no FROM entry WHERE flags & {CORRECTED}")
        ]
        for no in corrected:
            act = self.act(no)
            if act is not None and act.standing != "taken back" and act.kind in PAPERS:
                db.execute("INSERT INTO paper VALUES (?, ?)", (no, act.text("document")))
        db.execute(
            "UPDATE paper SET document = p.document FROM cite c JOIN entry d ON d.id = "
            "c.target JOIN paper p ON p.no = d.no"
            " WHERE c.entry = paper.no AND c.name = 'dispatch'"
            f" AND d.kind IN {in_sql(kinds_that('sends'))}"
        )
        for no in corrected:
            act = self.act(no)
            cited = (
                self.cited(act, "dispatch")
                if act is not None and act.does.step == "receives"
                else None
            )
            if cited is not None and cited.does.step == "sends":
                db.execute(
                    "UPDATE paper SET document = ? WHERE no = ?", (cited.text("document"), no)
                )

    def _read(self, row: Any) -> tuple[Act, int]:  # noqa: ANN401  (a row of _ENTRY)
        no, index, entry_id, time, happened, kind, signer, lines, flags, fields, chain = row
        del no
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
            withheld=bool(flags & WITHHELD),
        ), flags

    def signer(self, no: int) -> Signer:
        """The signer with this number."""
        known = self._signers.get(no)
        if known is None:
            row = self.db.execute(
                "SELECT chain, key, name, party, roles, programme FROM signer WHERE no = ?", (no,)
            ).fetchone()
            chain, key, name, party, roles, programme = row
            known = self._signers[no] = Signer(
                chain, key, name, party, tuple(roles.split()), programme
            )
        return known

    def _answers(self, no: int, act: Act, flags: int) -> tuple[Act, ...]:
        """What accepts, attests or corrects an act.

        What names its id, and acceptances of a handover by its document.
        """
        numbers: dict[int, None] = {}
        if flags & CITED:
            numbers |= dict.fromkeys(row[0] for row in self.db.execute(_CITING, (act.id,)))
            # A correction may have turned an answer to another entry into one to this.
            anew = [self._root(row[0]) for row in self.db.execute(_CITING_ANEW, (act.id,))]
            numbers |= dict.fromkeys(root for root in anew if root is not None)
        document = act.text("document")
        if document and act.kind in HANDOVERS:
            numbers |= dict.fromkeys(self._accepting(document))
        found = [
            told
            for number in numbers
            if number != no and (told := self._answer(number)) is not None and _is_answer(told, act)
        ]
        return tuple(sorted(found, key=lambda one: one.key)) if found else ()

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
        if flags & _UNREAD or (self.as_of is not None and bare.time > self.as_of):
            return None
        return self._ruled(no, bare) if flags & CORRECTED else bare

    # Corrections

    def _ruled(self, no: int, bare: Act) -> Act:
        """An entry that corrections name, as they leave it."""
        ruling = self._ruling(no, bare)
        if ruling is None:
            return bare
        event = (
            replacement_of(bare.kind, ruling.fields)
            if ruling.fields.get("reason") == "wrong_data"
            else None
        )
        if event is None:
            return msgspec.structs.replace(bare, standing="taken back", correction=ruling)
        things: dict[str, list[tuple[int, Part, Fields]]] = {}
        for at, (key, part, line) in enumerate(things_in(event.fields)):
            things.setdefault(key, []).append((at, part, line))
        self._replaced[no] = things
        happened = milliseconds(event.fields["event_time"])
        return msgspec.structs.replace(
            bare,
            kind=event.kind,
            happened=happened,
            fields=without_things(event.fields),
            lines=sum(map(len, things.values())),
            standing="replaced",
            correction=ruling,
        )

    def _ruling(self, no: int, target: Act) -> Act | None:
        """The correction that counts: the last one that may, and that was not itself taken back.

        Corrections of one are a tree.
        """
        tree: list[tuple[int, Act, list[int]]] = []
        pending = [(no, target)]
        while pending:
            at, act = pending.pop()
            if at in self._ruled_by:
                continue
            correctors = [row[0] for row in self.db.execute(_CORRECTING, (act.id,))]
            tree.append((at, act, correctors))
            pending += [
                (other, self.original(other)[0])
                for other in correctors
                if not self.original(other)[1] & _UNREAD
            ]
        for at, act, correctors in reversed(tree):
            ruled = (self._ruled_by[other][1] for other in correctors if other in self._ruled_by)
            live = [
                one
                for one in ruled
                if one is not None and may_correct(one, act) and self._counts(one)
            ]
            ruling = Order(live).acts[-1] if live else None
            self._ruled_by[at] = (
                ruling,
                act if ruling is None else _corrected_correction(act, ruling),
            )
        return self._ruled_by[no][0]

    def _counts(self, act: Act) -> bool:
        return self.as_of is None or act.time <= self.as_of

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
        root = self._root(no)
        act = self.act(root) if root is not None else None
        if (
            act is not None
            and act.correction is not None
            and root in self._replaced
            and act.correction.id == self.original(no)[0].id
        ):
            yield from (
                Touch(act, part, at, line) for at, part, line in self._replaced[root].get(key, ())
            )

    def _root(self, no: int) -> int | None:
        """The entry that a correction is about in the end.

        Corrections of corrections lead back to it.
        """
        trail: list[int] = []
        at: int | None = no
        while (
            at is not None
            and at not in self._roots
            and (act := self.original(at)[0]).does.step == "corrects"
        ):
            trail.append(at)
            target = act.fields.get("entry")
            at = self.number_of(target) if isinstance(target, bytes) else None
        root = self._roots.get(at, at) if at is not None else None
        self._roots.update(dict.fromkeys(trail, root))
        return root

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


def _corrected_correction(correction: Act, ruling: Act) -> Act | None:
    """What is left of a correction that was itself corrected.

    Another one of the same entry, or nothing.
    """
    event = (
        replacement_of(correction.kind, ruling.fields)
        if ruling.fields.get("reason") == "wrong_data"
        else None
    )
    if (
        event is None
        or effect(event.kind).step != "corrects"
        or event.fields["entry"] != correction.fields.get("entry")
    ):
        return None
    return msgspec.structs.replace(ruling, fields=event.fields)


def _is_answer(answer: Act, act: Act) -> bool:
    """Whether an answer, as it counts by now, is one to an act.

    By id, or by the document of a handover that was before it.

    Numbers of papers are used again: who accepted one in spring has not accepted what goes under
    the same number in summer. Clocks may differ by a day.
    """
    if "entry" in answer.fields:
        return bool(answer.fields["entry"] == act.id)
    if answer.does.step != "accepts" or answer.text("document") != act.text("document"):
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
    "SELECT e.no FROM entry e WHERE e.document = ? AND e.kind = 'accept'"
    " AND NOT EXISTS (SELECT 1 FROM cite c WHERE c.entry = e.no AND c.name = 'entry')"
)
_CORRECTING: Final = (
    "SELECT c.entry FROM cite c JOIN entry e ON e.no = c.entry WHERE c.target = ? AND c.name "
    "= 'entry' AND e.kind = 'correct'"
)
