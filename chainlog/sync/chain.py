"""One chain of another store: compared with ours, verified, and taken as far as it holds."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain as joined
from typing import TYPE_CHECKING

from chainlog.errors import (
    DamagedError,
    HeadMovedError,
    Keyed,
    NoEntryError,
    RosterError,
    StoreError,
    UncertainError,
    UnknownOutcomeError,
)
from chainlog.format.body import is_partial
from chainlog.format.entry import entry_id
from chainlog.format.record import Record
from chainlog.store.engine import EMPTY, Head
from chainlog.store.shelf import FORKS_LIMIT, Conflict
from chainlog.sync.bodies import complete
from chainlog.sync.checkpoints import Promises
from chainlog.sync.other import OtherChain, cut, groups
from chainlog.sync.outcome import TakenChain
from chainlog.sync.repair import repair
from chainlog.verifier.report import Fault, because
from chainlog.verifier.run import Known, Missing, verify_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor

    from chainlog.ledger.ledger import Ledger
    from chainlog.store.shelf import Shelf
    from chainlog.sync.other import Stream


class Taking:
    """One chain, from looking at it to having taken it."""

    ledger: Ledger
    other: Shelf
    chain: bytes
    workers: Executor | None
    parallel: int
    progress: Callable[[int], None] | None
    told: TakenChain

    def __init__(
        self,
        ledger: Ledger,
        other: Shelf,
        chain: bytes,
        workers: Executor | None,
        parallel: int,
        progress: Callable[[int], None] | None,
    ) -> None:
        self.ledger, self.other, self.chain = ledger, other, chain
        self.workers, self.parallel, self.progress = workers, parallel, progress
        self.told = TakenChain(chain, own=chain == ledger.chain)
        self.mark: Head | None = None

    def run(self) -> TakenChain:
        """Take what there is, and say what became of it. Raises UnknownOutcomeError."""
        told = self.told
        try:
            head = self.ledger.held(self.chain)
            told.before = told.after = head.size
            self.mark = self.ledger.seen(self.chain)
            try:
                self._compare(head)
            except HeadMovedError:
                # Opening the chain for writing cleared up after a crash, or another program wrote
                # until then. Now it is locked.
                head = self.ledger.held(self.chain)
                told.before = told.after = head.size
                told.partial = 0
                self._compare(head)
        except UnknownOutcomeError:
            raise
        except StoreError as error:
            told.problem = error
        return told

    def _compare(self, head: Head) -> None:
        """Take what follows, and what theirs shows more of what both have."""
        told = self.told
        try:
            theirs = OtherChain.of(self.other, self.chain)
        except StoreError as error:
            told.fault = Missing(self.chain.hex(), None, 1, "unreadable", because(error.message))
            return
        if theirs.nothing:
            told.fault = theirs.unread()
            return
        before = self.told.healed
        repair(self.ledger, theirs, told)
        if told.healed > before:
            head = self.ledger.held(self.chain)
            told.before = told.after = head.size
        try:
            self._follow(theirs, head)
        except (UncertainError, RosterError) as error:
            message = Keyed("fault.roster-unclear.held", why=error.message)
            told.fault = Missing(self.chain.hex(), told.after, 5, error.fault, message)
        if told.before:
            complete(self.ledger, theirs, told)
        if theirs.astray and told.fault is None:
            told.fault = theirs.unread()

    def _follow(self, theirs: OtherChain, head: Head) -> None:
        """Compare what both have, then take what follows."""
        known = self.ledger.known(self.chain, head.size)
        self.told.origin = known.roster.origin
        if self.mark is not None and self.mark.size > head.size:
            # Ours is older than what was held here before. Theirs may be what was lost, or what
            # somebody made of it.
            found = theirs.entry_id(self.mark.size - 1)
            if found is not None and found != self.mark.id:
                self.told.fault = self._other_than_marked(self.mark)
                return
        stream = self._beyond(theirs, head)
        if stream is None:
            return
        promises = Promises(self.ledger, self.chain, head.size)
        if promises.sizes:
            # Before anything is taken, all that was promised is looked at.
            self.told.fault = self._broken(known, stream, promises)
            stream = self._beyond(theirs, head) if self.told.fault is None else None
        if stream is not None:
            self._take(known, stream)

    # 1. compare

    def _beyond(self, theirs: OtherChain, head: Head) -> Stream | None:
        """Their records after what we hold.

        None where they do not go on from it, once that has been said.
        """
        if head == EMPTY:
            return theirs.read(0, 0)
        last = self._record(head.size - 1)
        after = theirs.after(last, head.size - 1)
        if after is not None:
            return theirs.read(*after)
        at, stream = theirs.alike(head.size - 1, self._record)
        for mine in self.ledger.engine.read(self.chain, at, head.size):
            name, one = next(stream, ("", None))
            if one is None:
                return None  # theirs ends before ours
            if isinstance(one, Fault):
                self.told.fault = replace(one, index=at)
                return None
            if one.entry != mine.entry:
                self._part(head, at, mine, (name, one), stream)
                return None
            at += 1
        return stream

    def _part(
        self, head: Head, at: int, mine: Record, parting: tuple[str, Record], stream: Stream
    ) -> None:
        """Ours and theirs differ at an index.

        A fork if a key in force signed theirs, otherwise damage of theirs.
        """
        known = self.ledger.known(self.chain, at)
        name, other = parting
        fault = self._unsigned(known, other, name)
        if fault is not None:
            self.told.fault = fault
            return
        if self._unsigned(known, mine, name) is not None:
            # What a crash left of ours goes when the chain is opened for writing, and then the head
            # has moved.
            self.ledger.extend(self.chain, head, [])
            raise DamagedError(
                "entry {at} of the chain as it is held here does not hold",
                at=at,
                hint="run 'chainlog verify'",
            )
        self.told.fork = Conflict(self.chain, at, entry_id(mine.entry), entry_id(other.entry))
        kept = self.ledger.engine.conflicts(self.chain)
        if self.told.fork not in kept and len(kept) >= FORKS_LIMIT:
            # Those prove it as well. Of more, nobody would read any.
            return
        self.told.whole = self.ledger.keep_conflict(
            self.told.fork, mine, self._branch(known, other, joined([parting], stream))
        )

    def _unsigned(self, known: Known, record: Record, name: str) -> Fault | None:
        """Why it is not so that a key in force signed this entry, in this place.

        None where one did.

        Whatever became of the body: what was signed is the entry. One that governs and cannot be
        read was signed all the same.
        """
        alone = Record(record.entry, b"", record.start, record.end)
        fault = verify_on(known, [alone], name=name).ends
        return None if isinstance(fault, Missing) and fault.step == 5 else fault

    def _branch(self, known: Known, first: Record, stream: Stream) -> Iterator[Record]:
        """The records of their branch as far as they hold; the first in any case."""
        begun = False
        for group in groups(stream):
            after, _, fault = verify_on(
                known, group.records, workers=self.workers, parallel=self.parallel, name=group.name
            )
            held = group.records[: after.size - known.size]
            yield from held if held or begun else [first]
            begun, known = True, after
            if fault is not None:
                return

    def _broken(self, known: Known, stream: Stream, promises: Promises) -> Fault | None:
        """Whether what follows there is another branch than a checkpoint says that is kept here."""
        for group in cut(groups(stream), known.size, promises.sizes):
            after, opened, fault = verify_on(
                known, group.records, workers=self.workers, parallel=self.parallel, name=group.name
            )
            broken = promises.broken([one.entry.id for one in opened], after.roster)
            if broken is not None or fault is not None or after.size >= promises.sizes[-1]:
                return broken
            known = after
        return None

    # 2. verify, then store

    def _take(self, known: Known, stream: Stream) -> None:
        for group in groups(stream):
            after, opened, fault = verify_on(
                known, group.records, workers=self.workers, parallel=self.parallel, name=group.name
            )
            held = group.records[: after.size - known.size]
            if self.mark is not None and known.size < self.mark.size <= after.size:
                marked = opened[self.mark.size - known.size - 1].entry
                if marked.id != self.mark.id:
                    self.told.fault = self._other_than_marked(self.mark)
                    return
            # 3. what holds before is taken
            if held:
                self.ledger.extend(self.chain, Head(known.size, known.head), held)
                self.told.after, self.told.origin = after.size, after.roster.origin
                self.told.partial += sum(is_partial(record.body) for record in held)
                if self.progress is not None:
                    self.progress(len(held))
            known = after
            if fault is None and group.end is not None:
                fault = replace(group.end, index=known.size)
            if fault is not None:
                self.told.fault = fault
                return

    def _other_than_marked(self, mark: Head) -> Fault:
        message = Keyed("fault.not-as-marked", size=mark.size - 1)
        return Fault(self.chain.hex(), mark.size - 1, 2, "not-as-marked", message)

    def _record(self, index: int) -> Record:
        """One of ours."""
        for record in self.ledger.engine.read(self.chain, index, index + 1):
            return record
        raise NoEntryError(
            "entry {index} of chain {chain}… is not there any more",
            index=index,
            chain=self.chain.hex()[:16],
            hint="run 'chainlog verify'",
        )
