"""Fields and bodies that another copy shows of entries that are held here without them.

A copy with fields withheld verifies, and anybody can make one. So what was met first does not
count: the fuller body does, from any side, at any time.

1. Our entries are passed once, to see of which not all is shown. Mostly there is none.
2. Bodies that the chain erased by law stay away, whoever has them still.
3. Ours and theirs are read side by side from the first such entry on. A body is taken that matches
   the commitment and shows more; one that shows less, never. What each shows alone is put together.
"""

from __future__ import annotations

from array import array
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from chainlog.errors import (
    BodyError,
    DamagedError,
    Keyed,
    KeyFormError,
    RosterError,
    UncertainError,
)
from chainlog.events.event import is_governing
from chainlog.events.roster import read_governing
from chainlog.format.body import is_full, is_partial, open_body, unite
from chainlog.format.entry import entry_id
from chainlog.format.record import Record, scan
from chainlog.store.raw import CHUNK
from chainlog.verifier.report import Fault
from chainlog.verifier.run import Missing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from chainlog.errors import ChainlogError
    from chainlog.format.entry import Entry
    from chainlog.ledger.ledger import Ledger
    from chainlog.sync.other import OtherChain
    from chainlog.sync.outcome import TakenChain

ERASE: Final = "chain.erase"
# Bodies written together: no more bytes than this and one body.
GROUP_BYTES: Final = 32 * 2**20


def complete(ledger: Ledger, theirs: OtherChain, told: TakenChain) -> None:
    """Take what theirs shows more of the entries that were held here before.

    What became of it is told; also how many bodies are held here that the chain erased. Raises
    HeadMovedError where opening the chain for writing cleared up after a crash, StoreError.
    """
    lacking, erasing = _lacking(ledger, told)
    erased = _erased(ledger, told, erasing)
    if lacking:
        _Completing(ledger, theirs, told, lacking).run(erased)
    told.unerased = sum(
        bool(record.body)
        and entry_id(record.entry) in (erased or ())
        and not is_governing(record.parsed.header.kind)
        for record in (_ours(ledger, told) if erased else ())
    )


def _lacking(ledger: Ledger, told: TakenChain) -> tuple[array[int], array[int]]:
    """The indexes of entries held before whose bodies are not full, and of all erasures since.

    Raises DamagedError where ours cannot be read.
    """
    lacking, erasing = array("Q"), array("Q")
    for index, record in enumerate(_ours(ledger, told)):
        if index < told.before and not is_full(record.body):
            lacking.append(index)
            told.partial += is_partial(record.body)
        if ERASE.encode() in record.entry:
            erasing.append(index)
    return lacking, erasing


def _ours(ledger: Ledger, told: TakenChain) -> Iterator[Record]:
    """Our records as they lie, which is quick: every sync passes all of them."""
    left = told.after
    for segment in ledger.engine.raw(told.chain).segments:
        for found in scan(segment.chunks(0, CHUNK), told.chain):
            for record in found:
                if not left:
                    return
                if not isinstance(record, Record):
                    raise DamagedError(
                        "entry {at} of the chain as it is held here does not hold",
                        at=told.after - left,
                        hint="run 'chainlog verify'",
                    )
                yield record
                left -= 1


def _erased(ledger: Ledger, told: TakenChain, erasing: array[int]) -> Collection[bytes] | None:
    """The entries whose bodies the chain erased; None where an erasure cannot be read.

    The chain was verified when it was taken: an erasure in it is in force.
    """
    erased: set[bytes] = set()
    for index in erasing:
        record = _record(ledger, told.chain, index)
        header = record.parsed.header
        if header.kind != ERASE:
            continue
        try:
            body = open_body(record.body, header.body) if record.body else None
            erased.update(read_governing(ERASE, body).fields["entries"])
        except (BodyError, RosterError, UncertainError) as error:
            says = Keyed("fault.erasure", index=index, why=error.message)
            _say(told, Missing(told.chain.hex(), index, 6, "governing-absent", says))
            return None
    return erased


def _record(ledger: Ledger, chain: bytes, index: int) -> Record:
    """One of ours."""
    return next(iter(ledger.engine.read(chain, index, index + 1)))


def _say(told: TakenChain, fault: Fault) -> None:
    """Say what theirs is like, unless something was said of it already."""
    told.fault = told.fault or fault


class _Completing:
    """The entries of one chain that lack something, and what theirs has for them."""

    def __init__(
        self, ledger: Ledger, theirs: OtherChain, told: TakenChain, lacking: array[int]
    ) -> None:
        self.ledger, self.theirs, self.told, self.lacking = ledger, theirs, told, lacking
        self.bodies: dict[int, bytes] = {}
        self.waiting = 0

    def run(self, erased: Collection[bytes] | None) -> None:
        """Find what is fuller, and write it, some at a time.

        Where nobody knows what was `erased`, only what governs is taken.
        """
        told = self.told
        for mine, other in self._pairs():
            entry = mine.parsed
            governs = is_governing(entry.header.kind)
            if not governs and (erased is None or entry.id in erased):
                continue
            try:
                fuller = unite(mine.body, other.body, entry.header.body)
                if fuller is None:
                    continue
                if governs:
                    read_governing(entry.header.kind, open_body(fuller, entry.header.body))
            except (BodyError, RosterError, KeyFormError, UncertainError) as error:
                self._refuse(entry, error)
                continue
            told.partial += is_partial(fuller) - is_partial(mine.body)
            self.bodies[entry.header.index] = fuller
            self.waiting += len(fuller)
            if self.waiting >= GROUP_BYTES:
                self._write()
        if self.bodies:
            self._write()

    def _pairs(self) -> Iterator[tuple[Record, Record]]:
        """Ours and theirs of the entries that lack something, as far as theirs is the same chain.

        Why it ends earlier is said, unless its records do.
        """
        due = self.lacking
        at, stream = self.theirs.alike(due[0], partial(_record, self.ledger, self.told.chain))
        owed = iter(due)
        wanted = next((index for index in owed if index >= at), None)
        ours = self.ledger.engine.read(self.told.chain, at, due[-1] + 1)
        for index, (mine, (_, other)) in enumerate(zip(ours, stream, strict=False), at):
            if isinstance(other, Fault):
                _say(self.told, replace(other, index=index))
                return
            if other.entry != mine.entry:
                if self.told.fork is None:
                    says = Keyed("fault.link.there", index=index)
                    _say(self.told, Fault(self.told.chain.hex(), index, 2, "link", says))
                return
            if index == wanted:
                yield mine, other
                wanted = next(owed, None)

    def _write(self) -> None:
        """Put what is fuller in its place."""
        chain = self.told.chain
        head = self.ledger.extend(chain, self.ledger.held(chain), [])
        self.ledger.engine.replace(chain, head, self.bodies)
        self.told.fuller += len(self.bodies)
        self.bodies, self.waiting = {}, 0

    def _refuse(self, entry: Entry, error: ChainlogError) -> None:
        index = entry.header.index
        says = Keyed("fault.entry.there", index=index, why=error.message)
        _say(self.told, Fault(self.told.chain.hex(), index, 6, "body", says))
