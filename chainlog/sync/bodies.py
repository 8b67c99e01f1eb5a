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
from typing import TYPE_CHECKING, Any, Final

from chainlog.errors import BodyError, Keyed, KeyFormError, RosterError, UncertainError
from chainlog.events.event import is_governing
from chainlog.events.roster import read_governing
from chainlog.format.body import is_full, is_partial, open_body, unite
from chainlog.verifier.report import Fault
from chainlog.verifier.run import Missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.errors import ChainlogError
    from chainlog.format.entry import Entry
    from chainlog.format.record import Record
    from chainlog.ledger.ledger import Ledger
    from chainlog.sync.other import OtherChain
    from chainlog.sync.outcome import TakenChain

ERASE: Final = "chain.erase"
# Bodies written together: no more bytes than this and one body.
GROUP_BYTES: Final = 32 * 2**20


def complete(ledger: Ledger, theirs: OtherChain, told: TakenChain) -> None:
    """Take what theirs shows more of the entries that were held here before.

    What became of it is told. Raises HeadMovedError where opening the chain for writing cleared up
    after a crash, StoreError.
    """
    lacking, erasing = _lacking(ledger, told)
    if lacking:
        _Completing(ledger, theirs, told, lacking).run(erasing)


def _lacking(ledger: Ledger, told: TakenChain) -> tuple[array[int], array[int]]:
    """The indexes of entries held before whose bodies are not full, and of all erasures since."""
    lacking, erasing = array("Q"), array("Q")
    for index, record in enumerate(ledger.engine.read(told.chain, 0, told.after)):
        if index < told.before and not is_full(record.body):
            lacking.append(index)
            told.partial += is_partial(record.body)
        elif index >= told.before and not lacking:
            break
        if ERASE.encode() in record.entry:
            erasing.append(index)
    return lacking, erasing


class _Completing:
    """The entries of one chain that lack something, and what theirs has for them."""

    def __init__(
        self, ledger: Ledger, theirs: OtherChain, told: TakenChain, lacking: array[int]
    ) -> None:
        self.ledger, self.theirs, self.told, self.lacking = ledger, theirs, told, lacking
        self.bodies: dict[int, bytes] = {}
        self.waiting = 0

    def run(self, erasing: array[int]) -> None:
        """Find what is fuller, and write it, some at a time."""
        told = self.told
        erased = self._erased(erasing)
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
        at, stream = self.theirs.alike(due[0], self._record)
        owed = iter(due)
        wanted = next((index for index in owed if index >= at), None)
        ours = self.ledger.engine.read(self.told.chain, at, due[-1] + 1)
        for index, (mine, (_, other)) in enumerate(zip(ours, stream, strict=False), at):
            if isinstance(other, Fault):
                self._say(replace(other, index=index))
                return
            if other.entry != mine.entry:
                if self.told.fork is None:
                    says = Keyed("fault.link.there", index=index)
                    self._say(Fault(self.told.chain.hex(), index, 2, "link", says))
                return
            if index == wanted:
                yield mine, other
                wanted = next(owed, None)

    def _erased(self, erasing: array[int]) -> set[bytes] | None:
        """The entries whose bodies the chain erased; None where an erasure cannot be read.

        The chain was verified when it was taken: an erasure in it is in force.
        """
        erased: set[bytes] = set()
        for index in erasing:
            record = self._record(index)
            header = record.parsed.header
            if header.kind != ERASE:
                continue
            try:
                body = open_body(record.body, header.body) if record.body else None
                erased.update(read_governing(ERASE, body).fields["entries"])
            except (BodyError, RosterError, UncertainError) as error:
                says = Keyed("fault.erasure", index=index, why=error.message)
                self._say(Missing(self.told.chain.hex(), index, 6, "governing-absent", says))
                return None
        return erased

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
        self._say(Fault(self.told.chain.hex(), index, 6, "body", says))

    def _say(self, fault: Fault) -> None:
        """Say what theirs is like, unless something was said of it already."""
        self.told.fault = self.told.fault or fault

    def _record(self, index: int) -> Record:
        record: Any = next(self.ledger.engine.read(self.told.chain, index, index + 1))
        return record  # type: ignore[no-any-return]
