"""One chain, checked entry after entry: its sequence, who might sign it, and what its entries say (steps 1 to 6 and 10 of `verify`).

The caller brings the records in order: `place` says what a record's place says (steps 1 and 2), `judge` the rest. What depends on one
entry alone is handed out in batches, to workers where there are any, so that faults may come in another order than the entries.
After a fault it goes on: after damage it picks up again, and says of what follows what can still be told.
"""

from __future__ import annotations

from array import array
from collections import deque
from typing import TYPE_CHECKING, Final, Literal

from chainlog.checkpoint import format_origin_line, parse_checkpoint
from chainlog.checks import Job, Outcome, check, check_all
from chainlog.entry import NO_ID, Entry, parse_entry
from chainlog.errors import EntryError, KeyFormError, NoteError, RosterError, UncertainError, VersionError
from chainlog.event import is_governing
from chainlog.heads import Head, HeldNote, Powers
from chainlog.merkle import EMPTY_ROOT, Frontier
from chainlog.note import parse_note
from chainlog.report import ChainReport, Fault, Level, Report
from chainlog.roster import Roster
from chainlog.verified import Verified
from chainlog.vocabulary import KINDS, MOVES_ROSTER, ChainErase, ChainSeen, SiteAdmit, SiteSuspend, WitnessAdmit, WitnessSuspend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Executor, Future

    from chainlog.record import Record
    from chainlog.terms import Detail
    from chainlog.verified import Records

    Attachments = Callable[[bytes], Literal["held", "absent", "mismatch"]]

# Entries given to a worker at once: enough to pay for the hand-over, few enough to share out a small chain.
_BATCH: Final = 128
# And no more bytes of bodies than this, so that memory stays bounded whatever their size.
_BATCH_BYTES: Final = 2**20


class ChainCheck:
    """The state of one chain's verification. What is found goes to `report`, and the chain's own line to its `chains` at the end.

    `source`: where the records come from, in words. `chain`: its id, where that is known. `whole`: it is meant to begin with entry 0.
    """

    def __init__(
        self,
        report: Report,
        source: str,
        chain: bytes | None,
        *,
        whole: bool = True,
        workers: Executor | None = None,
        parallel: int = 1,
        attachments: Attachments | None = None,
        all_attachments: bool = False,
        notes: Iterable[HeldNote] = (),
        citations: bool = False,
        before: Verified | None = None,
        records: Records | None = None,
    ) -> None:
        self.report, self.level = report, report.level
        self.workers, self.parallel = workers, parallel
        self.attachments, self.all_attachments = attachments, all_attachments
        self.chain = chain
        self.label = chain.hex() if chain else ""
        self.told = ChainReport(self.label, source)
        self.roster = Roster()
        self.frontier = Frontier()
        self.leaves: list[bytes] = []
        # The next entry's place, as far as it is known. `prev` is None after damage: the link cannot be checked.
        self.index: int | None = 0 if whole else None
        self.prev: bytes | None = NO_ID
        self.pointer: int | None = 0
        # An entry of an unknown governing kind: it may have moved the pointer.
        self.maybe: int | None = None
        # The first index after which an entry may be missing that changed who may sign.
        self.hidden_from: int | None = None
        self.unbroken = True
        # Entries of which cannot be told whether their author might sign.
        self.unjudged = 0
        self.batch: list[Job] = []
        self.batch_bytes = 0
        self.pending: deque[Future[Outcome]] = deque()
        self.last_by_author: dict[bytes, Job] = {}
        # Entries without a body, 32 bytes of id and 8 of index each: a chain may lack a million of them.
        self.absent = bytearray()
        self.erased: set[bytes] = set()
        # What checkpoints are compared with: roots by size, and who might sign as the log. Sizes still to come, the next one last.
        self.notes = list(notes)
        self.roots: dict[int, bytes] = {0: EMPTY_ROOT}
        # What was verified before, and the digest over all records, where one is kept.
        self.before, self.records = before, records
        sizes = {size for note in self.notes if (size := size_of(note.data))} | ({before.size} if before else set())
        self.wanted = sorted(sizes - {0}, reverse=True)
        self.powers = Powers()
        self.governed: list[tuple[int, Detail]] = []
        # Where citations are followed: the first 8 bytes of the ids that are cited, and of those that are here.
        self.citations = citations
        self.cited: set[int] = set()
        self.ids = array("Q")

    def resume(self, size: int, head: bytes, roster: Roster) -> None:
        """Go on after `size` entries that hold, the last of them `head`; `roster` is theirs, and is folded on."""
        self.index, self.prev, self.roster, self.pointer = size, head, roster, roster.pointer

    # What a record says of its place

    def place(self, record: Record, name: str) -> Entry | None:
        """Steps 1 and 2 of the next record, which stands in the file `name`. Returns its entry, where it is one."""
        # 1. framing and canonical form
        try:
            entry = parse_entry(record.entry)
        except VersionError as error:
            self.missing(self.index, 1, "version", f"{where_of(record, name)}: {error.message}")
            self.lose_track()
            return None
        except EntryError as error:
            self.fault(self.index, 1, "entry", f"{where_of(record, name)}: {error.message}")
            self.lose_track()
            return None
        header = entry.header
        index = header.index
        # 2. position and link
        if (index, header.prev, header.chain, header.roster) != (self.index, self.prev, self.chain, self.pointer) or index == 0:
            self._place(entry, where_of(record, name))
        self.told.size += 1
        self.index, self.prev = index + 1, entry.id
        if header.kind in MOVES_ROSTER:
            self.pointer, self.maybe = index, None
        elif header.kind not in KINDS and is_governing(header.kind):
            self.maybe = index
        self.leaves.append(entry.id)
        if self.citations:
            self.ids.append(int.from_bytes(entry.id[:8]))
        return entry

    def _place(self, entry: Entry, where: str) -> None:
        header = entry.header
        index = header.index
        if self.index is None:
            self._begin_late(entry, where)
        elif index != self.index:
            self._misplaced(index, where)
        elif self.prev is not None and header.prev != self.prev:
            self.fault(index, 2, "link", f"{where}: entry {index} does not follow the entry before it")
        if header.chain != (NO_ID if index == 0 else self.chain):
            if self.chain is None and index:
                self.chain, self.label = header.chain, header.chain.hex()
            else:
                self.fault(index, 2, "chain", f"{where}: entry {index} belongs to another chain")
        if index == 0:
            if self.chain is not None and entry.id != self.chain:
                self.fault(0, 2, "chain", f"{where}: entry 0 is not the one that the chain is named after")
            self.chain = self.chain or entry.id
            self.label = self.chain.hex()
        self._check_pointer(header.roster, index, where)

    def _check_pointer(self, pointer: int, index: int, where: str) -> None:
        if self.pointer is None:
            self._resume_pointer(pointer, index)
        elif self.maybe is not None and pointer == self.maybe:
            self.pointer, self.maybe = self.maybe, None
        elif pointer != self.pointer:
            self.fault(index, 2, "roster-pointer", f"{where}: entry {index} points at roster entry {pointer}, not {self.pointer}")

    def _misplaced(self, index: int, where: str) -> None:
        expected = self.index or 0
        self.unbroken = False
        if self.prev is None and index > expected:
            return  # entries in between were lost to damage that has been reported
        what = f"entry {index} stands where entry {expected} belongs"
        if expected == 0 and self.told.size == 0:
            what = f"the chain begins with entry {index}: entries 0 to {index - 1} are not there"
        self.fault(index, 2, "position", f"{where}: {what}")
        if index > expected:
            self._hide_from(expected)
            self.pointer = None

    def _begin_late(self, entry: Entry, where: str) -> None:
        """A bare file: it may begin anywhere, but then nobody can say who might sign."""
        if entry.header.index:
            self.unbroken = False
            self.pointer = None
            self.hidden_from = 0
            message = f"{where}: the file begins with entry {entry.header.index}, so who might sign cannot be told"
            self.missing(entry.header.index, 5, "begins-late", message)
        self.prev = None

    def _resume_pointer(self, pointer: int, index: int) -> None:
        """After a gap the pointer, which is signed, tells whether the gap hides a change of power."""
        if pointer == self.roster.pointer and self.roster.opened:
            self.hidden_from = None
        else:
            self._hide_from(pointer)
        if pointer >= index and index:
            self.fault(index, 2, "roster-pointer", f"entry {index} points at roster entry {pointer}, which does not come before it")
        self.pointer = pointer

    def lose_track(self) -> None:
        """An entry, or more, that cannot be read: what follows is checked as far as it can be without it."""
        self.prev = None
        self.pointer = None
        self.unbroken = False
        if self.index is not None:
            self._hide_from(self.index)

    def _hide_from(self, index: int) -> None:
        """From `index` on an entry that changed who may sign may be missing."""
        self.hidden_from = index if self.hidden_from is None else min(index, self.hidden_from)

    # What it says

    def judge(self, entry: Entry, body: bytes, where: str) -> None:
        """Steps 3 to 6 of an entry that was placed, and its attachments; or, where they are put off, take note of it."""
        job = Job(entry, body, where)
        if is_governing(entry.header.kind):
            self._govern(job)
            return
        # 5. authority
        self._authorise(entry, where)
        if self.level is Level.HEADS:
            self.last_by_author[entry.header.author] = job
        else:
            self._queue(job)

    def _authorise(self, entry: Entry, where: str) -> None:
        if self._cannot_judge():
            return
        try:
            self.roster.check_custody(entry.header.index, entry.header.author)
        except RosterError as error:
            self.fault(entry.header.index, 5, error.fault, f"{where}: entry {entry.header.index}: {error.message}")

    def _cannot_judge(self) -> bool:
        """Whether an entry that may have changed who may sign is hidden or cannot be read; counts the entry that this leaves open."""
        if self.hidden_from is None and self.roster.uncertain_from is None:
            return False
        self.unjudged += 1
        return True

    def _govern(self, job: Job) -> None:
        """A governing entry is checked at once: those after it stand on it, so it counts only when all of it holds."""
        header = job.entry.header
        outcome = Outcome()
        body = check(job, outcome)
        self._tell(outcome)
        self.told.checked += 1
        if self._cannot_judge():
            return
        if outcome.faults:
            if header.kind in MOVES_ROSTER:
                self.hidden_from = header.index
            return
        # 5. authority
        try:
            event = self.roster.govern(header, body)
        except UncertainError as error:
            self.missing(header.index, 5, error.fault, f"{job.where}: {error.message}, so who might sign from here on cannot be told")
        except KeyFormError as error:
            self.fault(header.index, 3, error.code, f"{job.where}: entry {header.index}: {error.message}")
            self.hidden_from = header.index
        except RosterError as error:
            self.fault(header.index, 5, error.fault, f"{job.where}: entry {header.index}: {error.message}")
        else:
            self._took(header.index, event.detail, job.where)

    def _took(self, index: int, detail: Detail, where: str) -> None:
        """A governing event that was taken in: keep what the end of the chain, or another chain, is judged by."""
        self.powers.note(index + 1, self.roster)
        match detail:
            case ChainErase():
                self.erased.update(detail.entries)
            case ChainSeen():
                self._see(index, detail.checkpoint, where)
            case SiteAdmit() | SiteSuspend() | WitnessAdmit() | WitnessSuspend():
                self.governed.append((index, detail))
            case _:
                pass

    def _see(self, index: int, text: str, where: str) -> None:
        """7. A checkpoint in the chain itself: its form at once, its root when all is read."""
        try:
            note = parse_note(text.encode())
            told = parse_checkpoint(note.text)
        except NoteError as error:
            self.fault(index, 7, "checkpoint-malformed", f"{where}: entry {index}: {error.message}")
            return
        if told.origin != format_origin_line(self.roster.origin, self.chain or NO_ID):
            self.fault(index, 7, "checkpoint-foreign", f"{where}: entry {index} cites a checkpoint of another chain, {told.origin[:200]}")
        elif told.size > index:
            self.fault(index, 7, "checkpoint-ahead", f"{where}: entry {index} cites a checkpoint of {told.size} entries, itself among them")
        else:
            self.notes.append(HeldNote(f"{where}: the checkpoint in entry {index}", text.encode(), entry=index))

    def _queue(self, job: Job) -> None:
        self.batch.append(job)
        self.batch_bytes += len(job.body)
        if len(self.batch) >= _BATCH or self.batch_bytes >= _BATCH_BYTES:
            self._send()

    def _send(self) -> None:
        batch, self.batch, self.batch_bytes = self.batch, [], 0
        self.told.checked += len(batch)
        if self.workers is None:
            self._tell(check_all(batch, citations=self.citations))
            return
        self.pending.append(self.workers.submit(check_all, batch, citations=self.citations))
        while len(self.pending) > 4 * self.parallel:
            self._tell(self.pending.popleft().result())

    def _tell(self, outcome: Outcome) -> None:
        for fault in outcome.faults:
            self.fault(*fault)
        for missing in outcome.missing:
            self.missing(*missing)
        for index, entry_id in outcome.absent:
            self.absent += entry_id + index.to_bytes(8)
        self.told.withheld += outcome.withheld
        if outcome.cited:
            self.cited.update(int.from_bytes(one[:8]) for one in outcome.cited)
        if self.attachments is not None:
            for index, digest, where in outcome.attachments:
                self._attachment(index, digest, where, self.attachments(digest))

    def _attachment(self, index: int, digest: bytes, where: str, state: Literal["held", "absent", "mismatch"]) -> None:
        # 10. attachments
        if state == "mismatch":
            self.fault(index, 10, "attachment", f"{where}: entry {index}: the file held as attachment {digest.hex()} has other content")
        elif state == "held":
            self.told.attachments_held += 1
        else:
            self.told.attachments_absent += 1
            if self.all_attachments:
                self.missing(index, 10, "attachment-absent", f"{where}: entry {index}: attachment {digest.hex()} is not held")

    # The end

    def flush(self) -> None:
        """Have all checked that was put off."""
        for job in sorted(self.last_by_author.values(), key=lambda job: job.entry.header.index):
            self._queue(job)
        self.last_by_author.clear()
        if self.batch:
            self._send()
        while self.pending:
            self._tell(self.pending.popleft().result())

    def finish(self) -> None:
        """Say what the whole chain came to."""
        self.flush()
        self._tell_absent()
        self.hash()
        told = self.told
        if told.size == 0:
            self.missing(None, 1, "empty", f"{self.told.source}: no entry can be read here")
        elif self.unjudged and self.hidden_from:
            lost = f"an entry from {self.hidden_from} on does not hold or is not here"
            message = f"{lost}, so who might sign cannot be told of {self.unjudged} entries"
            self.missing(self.hidden_from, 5, "roster-gap", message)
        told.chain, told.origin, told.owners = self.label, self.roster.origin, self.roster.owners
        if self.unbroken and told.size and self.prev is not None:
            told.head, told.root = self.prev.hex(), self.frontier.root().hex()
        self.report.chains.append(told)

    def _tell_absent(self) -> None:
        for at in range(0, len(self.absent), 40):
            entry_id, index = bytes(self.absent[at : at + 32]), int.from_bytes(self.absent[at + 32 : at + 40])
            if entry_id in self.erased:
                self.told.erased += 1
            else:
                self.told.absent += 1
                self.missing(index, 6, "body-absent", f"entry {index}: its body is not held, and no entry says that it was erased")

    def hash(self) -> None:
        """Take the entries placed since the last call into the tree."""
        if self.unbroken:
            done, size = 0, self.frontier.size
            while self.wanted and self.wanted[-1] <= size + len(self.leaves):
                stop = self.wanted.pop()
                self.frontier.extend(self.leaves[done : stop - size])
                self.roots[stop], done = self.frontier.root(), stop - size
            self.frontier.extend(self.leaves[done:] if done else self.leaves)
        self.leaves.clear()

    def head(self) -> Head:
        """What its checkpoints are judged by, once `finish` was called."""
        size = max(self.told.size, self.index or 0)
        roots = self.roots if self.unbroken else {}
        chain, roster = self.chain or NO_ID, self.roster
        return Head(self.told, chain, roster.origin, roster.programme, size, roots, self.powers, self.notes, self.governed, self.before)

    def was_verified(self, record: Record) -> bool:
        """Take the next record into the digest that is kept; whether it was verified before, if in the end all of them fit."""
        return self.records is not None and self.records.take(record.entry, record.body)

    def pass_over(self, entry: Entry, body: bytes, where: str) -> None:
        """Take in an entry that was verified before: only those that govern are looked at again, since what follows stands on them."""
        if is_governing(entry.header.kind):
            self._govern(Job(entry, body, where))
        else:
            self.told.checked += 1

    def tell_verified(self, records: Records, trust: bytes) -> None:
        """Say how far the chain is verified now, as the next run may take it for granted, with what was counted in earlier ones."""
        told, before = self.told, records.expected
        if before is not None:
            withheld, erased, held, absent = before.counts
            told.withheld, told.erased = told.withheld + withheld, told.erased + erased
            told.attachments_held, told.attachments_absent = told.attachments_held + held, told.attachments_absent + absent
        if self.unbroken and told.size and self.level is Level.FULL and self.chain is not None:
            line, root = format_origin_line(self.roster.origin, self.chain), self.frontier.root()
            counts = (told.withheld, told.erased, told.attachments_held, told.attachments_absent)
            told.verified = Verified(line, told.size, root, records.digest(), trust, counts)

    def owed(self) -> list[int]:
        """The sizes, largest first, whose roots are asked for and were passed before anybody asked."""
        if not self.unbroken:
            return []
        sizes = {size for note in self.notes if note.entry is not None and (size := size_of(note.data))}
        return sorted(sizes - self.roots.keys(), reverse=True)

    def fault(self, index: int | None, step: int, code: str, message: str) -> None:
        """Something of this chain does not hold."""
        self.report.add_fault(Fault(self.label, index, step, code, message))

    def missing(self, index: int | None, step: int, code: str, message: str) -> None:
        """Something of this chain is not there, or cannot be read by this version."""
        self.report.add_missing(Fault(self.label, index, step, code, message))


def size_of(data: bytes) -> int:
    """The size that a checkpoint names, 0 where it is none: what it says besides is judged later."""
    try:
        return parse_checkpoint(parse_note(data).text).size
    except NoteError:
        return 0


def where_of(record: Record, name: str) -> str:
    """Where a record stands, in words: its file and, where that is known, its first byte there."""
    return f"{name}, byte {record.start}" if record.end else name
