"""The sequence of a chain's entries: steps 1 and 2 of `verify`, record after record.

1. framing and canonical form
2. position and link: chain, index, previous id, roster pointer

After a fault it goes on, and after damage it picks up again; it knows what can no longer be told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.errors import EntryError, Keyed, VersionError
from chainlog.events.event import is_governing
from chainlog.events.kinds import KINDS, MOVES_ROSTER
from chainlog.events.roster import Roster
from chainlog.format.entry import NO_ID, Entry
from chainlog.verifier.report import ChainReport, Fault, Report

if TYPE_CHECKING:
    from chainlog.format.record import Record


class Sequence:
    """Where the sequence stands. What is found goes to `report`.

    `source`: where the records come from, in words. `chain`: its id, where that is known. `whole`:
    it is meant to begin with entry 0.
    """

    chain: bytes | None
    label: str
    told: ChainReport
    roster: Roster
    unbroken: bool
    lost: bool

    def __init__(
        self, report: Report, source: str, chain: bytes | None, *, whole: bool = True
    ) -> None:
        self.report = report
        self.chain = chain
        self.label = chain.hex() if chain else ""
        self.told = ChainReport(self.label, source)
        self.roster = Roster()
        # Ids of the entries that were placed and are not in the tree yet.
        self.leaves: list[bytes] = []
        # The next entry's place, as far as it is known. `prev` is None after damage: the link
        # cannot be checked.
        self.index: int | None = 0 if whole else None
        self.prev: bytes | None = NO_ID
        self.pointer: int | None = 0
        # An entry of an unknown governing kind: it may have moved the pointer.
        self.maybe: int | None = None
        # The first index after which an entry may be missing that changed who may sign.
        self.hidden_from: int | None = None
        self.unbroken = True
        self.watching = False
        # Whether the end could not be read: it may be any number of entries. One that can be read
        # says how many came before it.
        self.lost = False

    def place(self, record: Record, name: str) -> Entry | None:
        """Steps 1 and 2 of the next record, which stands in the file `name`.

        Returns its entry, where it is one.
        """
        # 1. framing and canonical form
        try:
            entry = record.parsed
        except VersionError as error:
            self.missing(self.index, 1, "version", _at(record, name, error))
            self.lose_track()
            return None
        except EntryError as error:
            self.fault(self.index, 1, "entry", _at(record, name, error))
            self.lose_track()
            return None
        header = entry.header
        index = header.index
        # 2. position and link
        if (index, header.prev, header.chain, header.roster) != (
            self.index,
            self.prev,
            self.chain,
            self.pointer,
        ) or index == 0:
            self._place(entry, where_of(record, name))
            self.lost = False
        self.told.size += 1
        self.index, self.prev = index + 1, entry.id
        if header.kind in MOVES_ROSTER:
            self.pointer, self.maybe = index, None
        elif header.kind not in KINDS and is_governing(header.kind):
            self.maybe = index
        self.leaves.append(entry.id)
        if self.watching:
            self.watch(entry)
        return entry

    def watch(self, entry: Entry) -> None:
        """Look at an entry that was placed, before it is judged: called where `watching` is set."""
        raise AssertionError(entry)

    def _place(self, entry: Entry, where: str) -> None:
        header = entry.header
        index = header.index
        if self.index is None:
            self._begin_late(entry, where)
        elif index != self.index:
            self._misplaced(index, where)
        elif self.prev is not None and header.prev != self.prev:
            self.fault(index, 2, "link", Keyed("fault.link", where=where, index=index))
        if header.chain != (NO_ID if index == 0 else self.chain):
            if self.chain is None and index:
                self.chain, self.label = header.chain, header.chain.hex()
            else:
                self.fault(index, 2, "chain", Keyed("fault.chain", where=where, index=index))
        if index == 0:
            if self.chain is not None and entry.id != self.chain:
                self.fault(0, 2, "chain", Keyed("fault.chain.named", where=where))
            self.chain = self.chain or entry.id
            self.label = self.chain.hex()
        self._check_pointer(header.roster, index, where)

    def _check_pointer(self, pointer: int, index: int, where: str) -> None:
        if self.pointer is None:
            self._resume_pointer(pointer, index)
        elif self.maybe is not None and pointer == self.maybe:
            self.pointer, self.maybe = self.maybe, None
        elif pointer != self.pointer:
            self.fault(
                index,
                2,
                "roster-pointer",
                Keyed(
                    "fault.roster-pointer",
                    where=where,
                    index=index,
                    pointer=pointer,
                    expected=self.pointer,
                ),
            )

    def _misplaced(self, index: int, where: str) -> None:
        expected = self.index or 0
        self.unbroken = False
        if self.prev is None and index > expected:
            return  # entries in between were lost to damage that has been reported
        says = Keyed("fault.position", where=where, index=index, expected=expected)
        if expected == 0 and self.told.size == 0:
            says = Keyed("fault.position.begins", where=where, index=index, last=index - 1)
        self.fault(index, 2, "position", says)
        if index > expected:
            self._hide_from(expected)
            self.pointer = None

    def _begin_late(self, entry: Entry, where: str) -> None:
        """A bare file: it may begin anywhere, but then nobody can say who might sign."""
        if entry.header.index:
            self.unbroken = False
            self.pointer = None
            self.hidden_from = 0
            message = Keyed("fault.begins-late", where=where, index=entry.header.index)
            self.missing(entry.header.index, 5, "begins-late", message)
        self.prev = None

    def _resume_pointer(self, pointer: int, index: int) -> None:
        """After a gap the signed pointer tells whether the gap hides a change of power."""
        if pointer == self.roster.pointer and self.roster.opened:
            self.hidden_from = None
        else:
            self._hide_from(pointer)
        if pointer >= index and index:
            self.fault(
                index,
                2,
                "roster-pointer",
                Keyed("fault.roster-pointer.later", index=index, pointer=pointer),
            )
        self.pointer = pointer

    def lose_track(self) -> None:
        """An entry, or more, that cannot be read.

        What follows is checked as far as it can be without it.
        """
        self.prev = None
        self.pointer = None
        self.unbroken = False
        self.lost = True
        if self.index is not None:
            self._hide_from(self.index)

    def _hide_from(self, index: int) -> None:
        """From `index` on an entry that changed who may sign may be missing."""
        self.hidden_from = index if self.hidden_from is None else min(index, self.hidden_from)

    def fault(self, index: int | None, step: int, code: str, says: Keyed) -> None:
        """Something of this chain does not hold."""
        if step <= 6 and code != "chain-fork":
            self.told.sound = False
            if step <= 4 and index is not None:
                known = self.told.damaged_at
                self.told.damaged_at = index if known is None else min(index, known)
        self.report.add_fault(Fault(self.label, index, step, code, says))

    def missing(self, index: int | None, step: int, code: str, says: Keyed) -> None:
        """Something of this chain is not there, or cannot be read by this version."""
        self.report.add_missing(Fault(self.label, index, step, code, says))

    def without(self, index: int | None, step: int, code: str, says: Keyed) -> None:
        """Something of this chain is not here, and the verdict is given without it."""
        self.report.add_without(Fault(self.label, index, step, code, says))


def where_of(record: Record, name: str) -> str:
    """Where a record stands, in words: its file and, where that is known, its first byte there."""
    return Keyed("place.byte", name=name, start=record.start) if record.end else name


def _at(record: Record, name: str, error: EntryError) -> Keyed:
    return Keyed("fault.at", where=where_of(record, name), why=error.message)
