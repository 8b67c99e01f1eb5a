"""One chain of an evidence file, checked.

Steps 1 to 7, with what the file holds of the chain and nothing else.

1. framing and canonical form: each entry is one
2. position and link: it is of this chain, below the checkpoint's size, in order of index; links
   where neighbours are here; its `roster` pointer leads to the latest entry before it that changed
   who may sign
3. key form · 4. signature · 6. body matches its commitment
7. the proof leads to the checkpoint's root
5. authority: the roster folded over the entries that are here; that none is left out, the pointers
   say, from entry `size - 1` down

An entry that fails 1 to 4, 6 or 7 counts for nothing. What the pointers lead to and is not here
leaves open who might sign from there on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.errors import (
    EntryError,
    Keyed,
    KeyFormError,
    ProofError,
    RosterError,
    UncertainError,
    VersionError,
)
from chainlog.events.event import is_governing
from chainlog.events.kinds import MOVES_ROSTER, ChainErase, ChainSeen
from chainlog.events.roster import Roster
from chainlog.format.entry import NO_ID, Entry, parse_entry
from chainlog.format.merkle import verify_inclusion
from chainlog.verifier.entry import Job, Outcome, check
from chainlog.verifier.evidence_entry import HeldEntry
from chainlog.verifier.pointers import Pointers
from chainlog.verifier.report import ChainReport, Fault, Report, because
from chainlog.verifier.seen import doubt_of_seen

if TYPE_CHECKING:
    from chainlog.events.terms import Detail
    from chainlog.format.checkpoint import Checkpoint
    from chainlog.format.evidence import Part, Proven


class ChainEvidence:
    """The check of one chain; what is found goes to `report`.

    `held`: the entries that hold by themselves, by index, in order.
    """

    report: Report
    part: Part
    checkpoint: Checkpoint
    chain: bytes
    label: str
    told: ChainReport
    roster: Roster
    pointers: Pointers

    def __init__(self, report: Report, part: Part) -> None:
        self.report, self.part = report, part
        self.checkpoint = part.checkpoint
        self.chain = self.checkpoint.chain
        self.label = self.chain.hex()
        self.told = ChainReport(
            self.label, "evidence", size=self.checkpoint.size, root=self.checkpoint.root.hex()
        )
        self.held: dict[int, HeldEntry] = {}
        self.roster = Roster()
        # Indexes at which something stands that does not hold, so that it is not said to be missing
        # as well.
        self.unsound: set[int] = set()
        self.pointers = Pointers(
            self.held, self.unsound, self.checkpoint.size, self.fault, self.missing
        )
        self.absent: list[HeldEntry] = []
        self.erased: set[bytes] = set()

    def check(self) -> None:
        """Steps 1 to 7."""
        last: Entry | None = None
        for number, one in enumerate(self.part.entries):
            last = self._take(number, one, last) or last
        self._check_head()
        self.pointers.check()
        self.pointers.walk()
        self._fold()
        self._tell_absent()
        self.told.checked, self.told.origin, self.told.owners = (
            len(self.held),
            self.roster.origin,
            self.roster.owners,
        )
        head = self.held.get(self.checkpoint.size - 1)
        self.told.head = head.entry.id.hex() if head else None

    @property
    def complete(self) -> bool:
        """Whether who may sign after the last entry is known."""
        head = self.held.get(self.checkpoint.size - 1)
        return (
            head is not None
            and self.pointers.hidden_from is None
            and self.roster.uncertain_from is None
            and self.roster.opened
        )

    # Entry by entry

    def _take(self, number: int, one: Proven, last: Entry | None) -> Entry | None:
        """Steps 1, 2, 3, 4, 6 and 7 of the next entry; returns it where its place is right."""
        # 1. framing and canonical form
        try:
            entry = parse_entry(one.entry)
        except VersionError as error:
            self.missing(
                None, 1, "version", Keyed("fault.numbered", number=number, why=error.message)
            )
            return None
        except EntryError as error:
            self.fault(None, 1, "entry", Keyed("fault.numbered", number=number, why=error.message))
            return None
        # 2. position and link
        if not self._is_placed(entry, last):
            return None
        # 7. the proof leads to the checkpoint's root
        index, told = entry.header.index, self.checkpoint
        try:
            verify_inclusion(entry.id, index, told.size, one.proof, told.root)
        except ProofError as error:
            self.fault(index, 7, error.code, because(error.message))
            self.unsound.add(index)
            return entry
        # 3, 4, 6: key form, signature, body matches its commitment
        outcome = Outcome()
        body = check(Job(entry, one.body, Keyed("place.evidence")), outcome)
        for fault in outcome.faults:
            self.fault(*fault)
        for missing in outcome.missing:
            self.missing(*missing)
        if outcome.faults:
            self.unsound.add(index)
            return entry
        held = self.held[index] = HeldEntry(
            entry, body, tuple(digest for _, digest, _ in outcome.attachments)
        )
        for index, n in outcome.withheld:
            self.told.withheld += n
            says = Keyed("fault.fields-withheld", index=index, n=n)
            self.without(index, 6, "fields-withheld", says)
        if outcome.absent:
            self.absent.append(held)
        return entry

    def _is_placed(self, entry: Entry, last: Entry | None) -> bool:
        header = entry.header
        index = header.index
        if entry.chain != self.chain:
            self.fault(
                index,
                2,
                "chain",
                Keyed("fault.chain.shown", index=index, chain=entry.chain.hex()[:16]),
            )
        elif index >= self.checkpoint.size:
            self.fault(
                index,
                2,
                "position",
                Keyed("fault.position.beyond", index=index, n=self.checkpoint.size),
            )
        elif last is not None and index <= last.header.index:
            self.fault(
                index, 2, "order", Keyed("fault.order", index=index, before=last.header.index)
            )
        elif index == 0 and (header.chain, header.prev, header.roster) != (NO_ID, NO_ID, 0):
            self.fault(0, 2, "link", Keyed("fault.link.opening"))
            self.unsound.add(0)
        elif last is not None and index == last.header.index + 1 and header.prev != last.id:
            self.fault(index, 2, "link", Keyed("fault.link.shown", index=index))
            self.unsound.add(index)
        else:
            return True
        return False

    def _check_head(self) -> None:
        head = self.checkpoint.size - 1
        if head not in self.held and head not in self.unsound:
            message = Keyed("fault.head-absent", head=head)
            self.missing(head, 2, "head-absent", message)

    # Who might sign

    def _fold(self) -> None:
        """5.

        Each author might sign what is here, by the entries before it that changed who may sign.
        """
        for index, held in self.held.items():
            if self.roster.uncertain_from is not None or (
                self.pointers.hidden_from is not None and index > self.pointers.hidden_from
            ):
                return
            header = held.entry.header
            held.signer = self.roster.keys.get(header.author)
            try:
                if is_governing(header.kind):
                    held.detail = self.roster.govern(header, held.body).detail
                    self._took(held, held.detail)
                else:
                    self.roster.check_custody(index, header.author)
            except UncertainError as error:
                self.missing(
                    index, 5, error.fault, Keyed("fault.roster-unclear.shown", why=error.message)
                )
            except (KeyFormError, RosterError) as error:
                step, code = (5, error.fault) if isinstance(error, RosterError) else (3, error.code)
                self.fault(index, step, code, Keyed("fault.entry", index=index, why=error.message))
                if header.kind in MOVES_ROSTER:
                    self.pointers.hide(index)
            else:
                held.authorised = True
                held.signer = held.signer or self.roster.keys.get(header.author)

    def _took(self, held: HeldEntry, detail: Detail) -> None:
        match detail:
            case ChainErase():
                self.erased.update(detail.entries)
            case ChainSeen():
                # 7. the checkpoint that it cites
                doubt = doubt_of_seen(held.index, detail.checkpoint, self.roster.origin, self.chain)
                if doubt is not None:
                    self.fault(held.index, 7, *doubt)
            case _:
                pass

    def _tell_absent(self) -> None:
        for held in self.absent:
            if held.entry.id in self.erased:
                self.told.erased += 1
                says = Keyed("fault.body-erased", index=held.index)
                self.without(held.index, 6, "body-erased", says)
            else:
                self.told.absent += 1
                message = Keyed("fault.body-absent.shown", index=held.index)
                self.missing(held.index, 6, "body-absent", message)

    def fault(self, index: int | None, step: int, code: str, says: Keyed) -> None:
        """Something of this chain does not hold."""
        self.report.add_fault(Fault(self.label, index, step, code, says))

    def missing(self, index: int | None, step: int, code: str, says: Keyed) -> None:
        """Something of this chain is not here, or cannot be read by this version."""
        self.report.add_missing(Fault(self.label, index, step, code, says))

    def without(self, index: int | None, step: int, code: str, says: Keyed) -> None:
        """Something of this chain is not here, and the verdict is given without it."""
        self.report.add_without(Fault(self.label, index, step, code, says))
