"""Corrections: which of them counts, and what an entry comes to by it.

Corrections of one entry are a tree, since corrections are corrected too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from chainlog.custody.act import (
    may_correct,
    milliseconds,
    replacement_of,
    things_in,
    without_things,
)
from chainlog.custody.order import Order
from chainlog.events.kinds import effect, kinds_that
from chainlog.index.entries import UNREAD
from chainlog.index.schema import in_sql

if TYPE_CHECKING:
    from chainlog.custody.act import Act, Fields, Part
    from chainlog.index.entries import Entries

_CORRECTING: Final = (
    "SELECT c.entry FROM cite c JOIN entry e ON e.no = c.entry WHERE c.target = ? AND c.name "
    f"= 'entry' AND e.kind IN {in_sql(kinds_that('corrects'))}"
)


class Rulings:
    """What corrections leave of entries, as of an instant in ms, or of all that is held.

    `replaced`: by the number of an entry that was replaced, the things of the event that stands in
    its place, by key, with their places.
    """

    entries: Entries
    as_of: int | None

    def __init__(self, entries: Entries, as_of: int | None) -> None:
        self.entries, self.as_of = entries, as_of
        self.replaced: dict[int, dict[str, list[tuple[int, Part, Fields]]]] = {}
        # Corrections as they count, by number, and the entries that they are about in the end.
        self._ruled_by: dict[int, tuple[Act | None, Act | None]] = {}
        self._roots: dict[int, int | None] = {}

    def forget(self) -> None:
        """Read all anew: the index has changed."""
        self.replaced.clear()
        self._ruled_by.clear()
        self._roots.clear()

    def ruled(self, no: int, bare: Act) -> Act:
        """An entry that corrections name, as they leave it."""
        ruling = self._ruling(no, bare)
        if ruling is None:
            return bare
        event = (
            replacement_of(bare.kind, ruling.fields)
            if ruling.fields.get("reason") == "wrong_data" or ruling.hides("reason")
            else None
        )
        if event is None:
            return msgspec.structs.replace(bare, standing="taken back", correction=ruling)
        things: dict[str, list[tuple[int, Part, Fields]]] = {}
        for at, (key, part, line) in enumerate(things_in(event.fields)):
            things.setdefault(key, []).append((at, part, line))
        self.replaced[no] = things
        happened = milliseconds(event.fields["event_time"])
        return msgspec.structs.replace(
            bare,
            kind=event.kind,
            happened=happened,
            fields=without_things(event.fields),
            lines=sum(map(len, things.values())),
            standing="replaced",
            withheld=(),
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
            correctors = [row[0] for row in self.entries.db.execute(_CORRECTING, (act.id,))]
            tree.append((at, act, correctors))
            pending += [
                (other, self.entries.original(other)[0])
                for other in correctors
                if not self.entries.original(other)[1] & UNREAD
            ]
        for at, act, correctors in reversed(tree):
            ruled = (self._ruled_by[other][1] for other in correctors if other in self._ruled_by)
            live = [
                one
                for one in ruled
                if one is not None
                and may_correct(one, act)
                and self._counts(one)
                # Of one that hides what it puts in the place, nobody knows what it corrects.
                and not one.hides("replacement")
            ]
            ruling = Order(live).acts[-1] if live else None
            self._ruled_by[at] = (
                ruling,
                act if ruling is None else _corrected_correction(act, ruling),
            )
        return self._ruled_by[no][0]

    def _counts(self, act: Act) -> bool:
        return self.as_of is None or act.time <= self.as_of

    def root(self, no: int) -> int | None:
        """The entry that a correction is about in the end.

        Corrections of corrections lead back to it.
        """
        trail: list[int] = []
        at: int | None = no
        while (
            at is not None
            and at not in self._roots
            and (act := self.entries.original(at)[0]).does.step == "corrects"
        ):
            trail.append(at)
            target = act.fields.get("entry")
            at = self.entries.number_of(target) if isinstance(target, bytes) else None
        root = self._roots.get(at, at) if at is not None else None
        self._roots.update(dict.fromkeys(trail, root))
        return root


def _corrected_correction(correction: Act, ruling: Act) -> Act | None:
    """What is left of a correction that was itself corrected.

    Another one of the same entry, or nothing.
    """
    event = (
        replacement_of(correction.kind, ruling.fields)
        if ruling.fields.get("reason") == "wrong_data" or ruling.hides("reason")
        else None
    )
    if (
        event is None
        or effect(event.kind).step != "corrects"
        or event.fields["entry"] != correction.fields.get("entry")
    ):
        return None
    return msgspec.structs.replace(ruling, fields=event.fields, withheld=())
