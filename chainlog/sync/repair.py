"""Records that are damaged here, and whole in another copy: met by comparing, and put back.

1. A segment of ours that is, byte for byte, a part of theirs is passed. Whether both are damaged,
   `verify` says.
2. In any other one, records that differ are looked at, ours and theirs: whether each reads back,
   follows the one before it, is signed by its author, and its body is the one that was committed
   to. What is damaged there is said, and nothing of it is taken.
3. A segment of ours with damage is put together anew: each entry, and each body, is ours where it
   holds, else theirs. It is verified by steps 1 to 5 while it is written, has to lead to the entry
   that follows it here and to the one that was acknowledged, and only then takes the place. What
   lay there is kept aside.

Where theirs is no better, or another history, nothing is touched. A damaged end is no matter of
this: there theirs goes on, and is taken as any other entry.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from chainlog.errors import (
    BodyError,
    DamagedError,
    Keyed,
    RosterError,
    UncertainError,
)
from chainlog.format.body import open_body
from chainlog.format.keys import signature_holds
from chainlog.format.record import Record
from chainlog.store.raw import CHUNK
from chainlog.store.shelf import TAKE_ANEW
from chainlog.sync.judgement import (
    body_holds,
    claims_all,
    follows,
    index_of,
    is_signed,
    prev_of,
    records_of,
)
from chainlog.sync.other import Forward
from chainlog.verifier.report import Fault
from chainlog.verifier.run import Missing, unknown, verify_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.ledger.ledger import Ledger
    from chainlog.store.raw import RawSegment
    from chainlog.sync.other import OtherChain
    from chainlog.sync.outcome import TakenChain
    from chainlog.verifier.run import Known

# Records of which nothing is in doubt are verified together, so many.
_GROUP: Final = 1024


def repair(ledger: Ledger, theirs: OtherChain, told: TakenChain) -> None:
    """Put back what is damaged here and whole there; what became of it is told.

    Where ours is damaged and theirs does not help, that is a problem. Raises StoreError.
    """
    segments = ledger.engine.raw(told.chain).segments
    parts: list[tuple[int, RawSegment | None]] = [(one.first or 0, one) for one in segments]
    if parts and parts[0][0]:
        parts.insert(0, (0, None))  # what the chain begins with is gone
    forward = Forward(theirs)
    for place, (first, segment) in enumerate(parts):
        following = parts[place + 1][1] if place + 1 < len(parts) else None
        if segment is not None and _is_part(segment, theirs, following):
            continue
        try:
            _Repair(ledger, forward, told, segment, first, following).run()
        except DamagedError as error:
            # What follows here can be compared, and taken, all the same.
            told.problem = told.problem or error


def _is_part(segment: RawSegment, theirs: OtherChain, following: RawSegment | None) -> bool:
    """Whether theirs has a segment that begins with the same bytes.

    Where another follows here, it has no others, and is followed by one of the same name.
    """
    places = [place for place, one in enumerate(theirs.segments) if one.first == segment.first]
    if not places:
        return False
    if following is not None and [one.first for one in theirs.segments[places[0] + 1 :][:1]] != [
        following.first
    ]:
        return False
    other, held = iter(theirs.segments[places[0]].chunks(0, CHUNK)), b""
    for chunk in segment.chunks(0, CHUNK):
        while len(held) < len(chunk) and (more := next(other, b"")):
            held += more
        if held[: len(chunk)] != chunk:
            return False
        held = held[len(chunk) :]
    return following is None or not (held or next(other, b""))


class _Repair:
    """One segment of ours, None where it is gone, and the segment that follows it here."""

    def __init__(
        self,
        ledger: Ledger,
        theirs: Forward,
        told: TakenChain,
        segment: RawSegment | None,
        first: int,
        following: RawSegment | None,
    ) -> None:
        self.ledger, self.theirs, self.told, self.chain = ledger, theirs, told, told.chain
        self.segment, self.first, self.following = segment, first, following
        self.healed = 0

    def run(self) -> None:
        """Look at it, and put it together anew where it is damaged."""
        if not self._damaged():
            return
        known = unknown(self.chain)
        if self.first:
            known = self.ledger.known(self.chain, self.first)
        aside = self.ledger.engine.mend(self.chain, self.first, self._anew(known))
        self.ledger.close()
        self.told.healed += self.healed
        self.told.aside = aside or self.told.aside
        if self.segment is not None:
            # Once more, for what is damaged there: after ours was, nothing was compared.
            self._compare(records_of(self.segment, self.chain))

    # 2. what is damaged

    def _damaged(self) -> bool:
        """Whether entries here do not hold that are not the last ones."""
        if self.segment is None:
            return True
        records = records_of(self.segment, self.chain)
        index, bad = self._compare(records)
        # What does not read back is not the end where something follows that does, or where it was
        # acknowledged.
        mark = self.ledger.seen(self.chain)
        if bad == "body" or any(index_of(one) is not None for one in records):
            return True
        if self.following is not None:
            return index != self.following.first
        return bad == "entry" and mark is not None and mark.size == index + 1

    def _compare(
        self, records: Iterator[Record | None]
    ) -> tuple[int, Literal["bytes", "entry", "body", ""]]:
        """The index of the first entry of ours that does not hold, and what of it does not.

        As far as theirs says something else; where all hold the index after the last.
        """
        self.theirs.seek(self.first)
        index, before, alike = self.first, self._before(), True
        for mine in records:
            other = self.theirs.next() if alike else None
            if isinstance(other, Fault):
                self._say(replace(other, index=index))
            if mine is None:
                return index, "bytes"
            if not isinstance(other, Record):
                alike = False
            elif other.entry != mine.entry:
                if not (follows(mine, self.chain, index, before) and self._might(mine, index)):
                    return index, "entry"
                self._judge_entry(other, index)
                alike = False  # another history, maybe: that is seen where ours goes on
            elif other.body != mine.body and claims_all(mine, other):
                self._judge_body(other, index)
                if not body_holds(mine):
                    return index, "body"
            index, before = index + 1, mine
        return index, ""

    def _might(self, mine: Record, index: int) -> bool:
        """Whether whoever signed ours might, as far as that can be told."""
        try:
            known = self.ledger.known(self.chain, index)
        except (DamagedError, UncertainError, RosterError):
            return True
        fault = verify_on(known, [mine], custody=False).ends
        return fault is None or isinstance(fault, Missing)

    def _before(self) -> Record | None:
        """Our record before the first; None where there is none, or it cannot be read."""
        try:
            found = self.ledger.engine.read(self.chain, self.first - 1, self.first)
            return next(iter(found), None) if self.first else None
        except DamagedError:
            return None

    def _judge_entry(self, one: Record, index: int) -> None:
        """Say where it is theirs that nobody signed."""
        if not is_signed(one, self.chain, index):
            says = Keyed("fault.link.there", index=index)
            self._say(Fault(self.chain.hex(), index, 2, "link", says))

    def _judge_body(self, one: Record, index: int) -> None:
        """Say where it is theirs that nobody committed to."""
        try:
            if one.body:
                open_body(one.body, one.parsed.header.body)
        except BodyError as error:
            says = Keyed("fault.entry.there", index=index, why=error.message)
            self._say(Fault(self.chain.hex(), index, 6, "body", says))

    def _say(self, fault: Fault) -> None:
        self.told.fault = self.told.fault or fault

    # 3. put together anew

    def _anew(self, known: Known) -> Iterator[tuple[bytes, bytes]]:
        """The records of the segment, verified. Raises DamagedError where some cannot be had."""
        self.theirs.seek(self.first)
        ours, stop = self._readable(), self._stop()
        mine, waiting = next(ours, None), list[Record]()
        index = self.first
        while index < stop if stop is not None else mine is not None:
            there = self.theirs.next()
            other = there if isinstance(there, Record) else None
            here = mine if index_of(mine) == index else None
            if here is not None and other is not None and here.entry == other.entry:
                waiting.append(self._fuller(here, other))
            else:
                known = self._verified(known, waiting)
                yield from _pairs(waiting)
                waiting.clear()
                one = self._which(known, here, other, index)
                self.healed += one is not here
                waiting.append(one)
            if len(waiting) == _GROUP:
                known = self._verified(known, waiting)
                yield from _pairs(waiting)
                waiting.clear()
            mine = next(ours, None) if here is not None else mine
            index += 1
        known = self._verified(known, waiting)
        yield from _pairs(waiting)
        after = next(records_of(self.following, self.chain), None)
        if self.following is not None and (after is None or prev_of(after) != known.head):
            raise self._unhealed(known.size)

    def _stop(self) -> int | None:
        return None if self.following is None else self.following.first

    def _readable(self) -> Iterator[Record]:
        """Ours that say that they stand from here on, each after the one before.

        One beyond the next place was signed for it: it would else keep those between out.
        """
        at = self.first - 1
        for mine in records_of(self.segment, self.chain):
            index = index_of(mine)
            if (
                mine is not None
                and index is not None
                and (index == at + 1 or (index > at and is_signed(mine, self.chain, index)))
            ):
                at = index
                yield mine

    def _fuller(self, mine: Record, other: Record) -> Record:
        """Ours, or with their body where ours is not the one that was committed to."""
        if mine.body == other.body or body_holds(mine) or not body_holds(other):
            return mine
        self.healed += 1
        return Record(mine.entry, other.body)

    def _which(self, known: Known, mine: Record | None, other: Record | None, index: int) -> Record:
        """Ours where it holds, else theirs."""
        if mine is not None:
            fault = verify_on(known, [mine], custody=False).ends
            if fault is None:
                return mine
            entry = mine.parsed
            if (
                fault.step == 2
                and entry.header.author in known.roster.keys
                and signature_holds(entry.header.author, entry.signature, entry.signed)
            ):
                raise self._unhealed(index)  # it was signed, and after another entry
        if other is None:
            raise self._unhealed(index)
        return other

    def _verified(self, known: Known, records: list[Record]) -> Known:
        """What is known after these, which have to hold; and to be those acknowledged here."""
        try:
            after, opened, fault = verify_on(known, records, custody=False)
        except (UncertainError, RosterError):
            raise self._unhealed(known.size) from None
        mark = self.ledger.seen(self.chain)
        if fault is not None:
            raise self._unhealed(after.size)
        if mark is not None and known.size < mark.size <= after.size:
            marked = opened[mark.size - known.size - 1].entry.id
            if marked != mark.id:
                raise self._unhealed(mark.size - 1)
        return after

    def _unhealed(self, index: int) -> DamagedError:
        return DamagedError(
            "entry {at} of the chain as it is held here does not hold",
            at=index,
            hint=TAKE_ANEW,
        )


def _pairs(records: list[Record]) -> Iterator[tuple[bytes, bytes]]:
    return ((one.entry, one.body) for one in records)
