"""The numbered checks over a stream of records (DESIGN.md 'Verification'; the numbers are the same in prose, code and reports).

1. framing and canonical form
2. position and link: chain, index, previous id, roster pointer
3. key form
4. signature
5. authority: the key was in force at this index, and might sign this governing kind
6. body matches its commitment
10. attachments

`verify` does no I/O of its own: bytes, workers and the look-up of attachments are its arguments. It goes on after the first fault,
picks up again after damage, and holds a bounded number of records, so that a chain may be of any length.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from chainlog import canonical
from chainlog.commitment import open_body
from chainlog.entry import NO_ID, Entry, parse_entry
from chainlog.errors import BodyError, EntryError, KeyFormError, RosterError, UncertainError, VersionError
from chainlog.event import is_governing
from chainlog.keys import is_reserved, parse_key_id, signature_holds
from chainlog.merkle import Frontier
from chainlog.record import Damage, Record, scan
from chainlog.report import ChainReport, Fault, Level, Report
from chainlog.roster import Roster
from chainlog.vocabulary import KINDS, MOVES_ROSTER, ChainErase, ChainSeen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Executor, Future

    from chainlog.commitment import Body

    Attachments = Callable[[bytes], Literal["held", "absent", "mismatch"]]
    Progress = Callable[[int], None]

FAULT_LIMIT: Final = 100
# Entries given to a worker at once: enough to pay for the hand-over, few enough to share out a small chain.
_BATCH: Final = 128
# And no more bytes of bodies than this, so that memory stays bounded whatever their size.
_BATCH_BYTES: Final = 2**20
# Where a body has any attachment, it has this one.
_ATTACHMENT_PATH: Final = "attachments/0"


@dataclass(frozen=True, slots=True)
class Segment:
    """The bytes of one segment. `first`: the index in its name. `last`: of its chain. `writing`: whether a writer holds the lock."""

    name: str
    chunks: Iterable[bytes]
    first: int | None = None
    last: bool = True
    writing: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class Source:
    """One chain to verify. `chain`: its id, where a folder's name says so. `whole`: it is meant to begin with entry 0."""

    name: str
    segments: Iterable[Segment]
    chain: bytes | None = None
    whole: bool = True


class _Found(NamedTuple):
    """What was found about one entry."""

    at: int
    step: int
    code: str
    message: str


class _Job(NamedTuple):
    """What is left to check of an entry once its place is known: steps 3, 4, 6 and the attachments that it names."""

    entry: Entry
    body: bytes
    where: str


@dataclass(slots=True)
class _Outcome:
    """What a batch of jobs came to."""

    faults: list[_Found] = field(default_factory=list)
    missing: list[_Found] = field(default_factory=list)
    # Entries without a body: index and id.
    absent: list[tuple[int, bytes]] = field(default_factory=list)
    withheld: int = 0
    attachments: list[tuple[int, bytes, str]] = field(default_factory=list)


def verify(
    sources: Iterable[Source],
    *,
    level: Level = Level.FULL,
    workers: Executor | None = None,
    parallel: int = 1,
    attachments: Attachments | None = None,
    all_attachments: bool = False,
    limit: int = FAULT_LIMIT,
    progress: Progress | None = None,
) -> Report:
    """Check every source and say what holds. Never raises for what the bytes say.

    `workers`: where batches of signatures and bodies are checked, `parallel` of them at a time; without, here. `attachments`: tells
    of a digest whether the file is held and matches. `all_attachments`: one that is not held counts as missing. `limit`: how many
    faults to list. `progress`: called with the number of entries done since the last call.
    """
    report = Report(level=level, limit=limit)
    seen: dict[str, str] = {}
    for source in sources:
        check = _ChainCheck(source, report, workers, parallel, attachments, all_attachments=all_attachments)
        check.run(progress)
        if check.label in seen:
            message = f"{source.name}: the chain stands in {seen[check.label]} too: one chain has one sequence of entries, in one place"
            report.add_fault(Fault(check.label, None, 2, "chain-twice", message))
        seen[check.label] = source.name
    return report


class _ChainCheck:
    """The state of one chain's verification."""

    def __init__(
        self,
        source: Source,
        report: Report,
        workers: Executor | None,
        parallel: int,
        attachments: Attachments | None,
        *,
        all_attachments: bool,
    ) -> None:
        self.source, self.report, self.level = source, report, report.level
        self.workers, self.parallel = workers, parallel
        self.attachments, self.all_attachments = attachments, all_attachments
        self.chain = source.chain
        self.label = source.chain.hex() if source.chain else ""
        self.told = ChainReport(self.label, source.name)
        self.roster = Roster()
        self.frontier = Frontier()
        self.leaves: list[bytes] = []
        # The next entry's place, as far as it is known. `prev` is None after damage: the link cannot be checked.
        self.index: int | None = 0 if source.whole else None
        self.prev: bytes | None = NO_ID
        self.pointer: int | None = 0
        # An entry of an unknown governing kind: it may have moved the pointer.
        self.maybe: int | None = None
        # The first index after which an entry may be missing that changed who may sign.
        self.hidden_from: int | None = None
        self.unbroken = True
        # Entries of which cannot be told whether their author might sign.
        self.unjudged = 0
        self.batch: list[_Job] = []
        self.batch_bytes = 0
        self.pending: deque[Future[_Outcome]] = deque()
        self.last_by_author: dict[bytes, _Job] = {}
        # Entries without a body, 32 bytes of id and 8 of index each: a chain may lack a million of them.
        self.absent = bytearray()
        self.erased: set[bytes] = set()

    def run(self, progress: Progress | None) -> None:
        """Check the chain and add what was found to the report."""
        for segment in self.source.segments:
            opening = True
            for found in scan(segment.chunks, self.chain):
                for one in found:
                    if type(one) is Record:
                        self._take(one, segment, opening=opening)
                        opening = False
                    else:
                        self._damage(one, segment)  # type: ignore[arg-type]
                self._hash()
                if progress is not None:
                    progress(len(found))
            if opening and segment.first is not None and not (segment.last and self.index in {segment.first, None}):
                message = f"{segment.name}: it holds no entry, and is not where the next one would begin"
                self._fault(self.index, 1, "segment-name", message)
        self._finish()

    # What a record says of its place

    def _take(self, record: Record, segment: Segment, *, opening: bool) -> None:
        # 1. framing and canonical form
        try:
            entry = parse_entry(record.entry)
        except VersionError as error:
            self._missing(self.index, 1, "version", f"{_where(segment, record)}: {error.message}")
            self._lose_track()
            return
        except EntryError as error:
            self._fault(self.index, 1, "entry", f"{_where(segment, record)}: {error.message}")
            self._lose_track()
            return
        header = entry.header
        index = header.index
        if opening and segment.first is not None and index != segment.first:
            message = f"{_where(segment, record)}: the segment is named after entry {segment.first} and begins with {index}"
            self._fault(index, 1, "segment-name", message)
        # 2. position and link
        if (index, header.prev, header.chain, header.roster) != (self.index, self.prev, self.chain, self.pointer) or index == 0:
            self._place(entry, _where(segment, record))
        self.told.size += 1
        if self.level is not Level.LINKS:
            self._judge(entry, record.body, _where(segment, record))
        self.index, self.prev = index + 1, entry.id
        if header.kind in MOVES_ROSTER:
            self.pointer, self.maybe = index, None
        elif header.kind not in KINDS and is_governing(header.kind):
            self.maybe = index
        self.leaves.append(entry.id)

    def _place(self, entry: Entry, where: str) -> None:
        header = entry.header
        index = header.index
        if self.index is None:
            self._begin_late(entry, where)
        elif index != self.index:
            self._misplaced(index, where)
        elif self.prev is not None and header.prev != self.prev:
            self._fault(index, 2, "link", f"{where}: entry {index} does not follow the entry before it")
        if header.chain != (NO_ID if index == 0 else self.chain):
            if self.chain is None and index:
                self.chain, self.label = header.chain, header.chain.hex()
            else:
                self._fault(index, 2, "chain", f"{where}: entry {index} belongs to another chain")
        if index == 0:
            if self.chain is not None and entry.id != self.chain:
                self._fault(0, 2, "chain", f"{where}: entry 0 is not the one that the chain is named after")
            self.chain = self.chain or entry.id
            self.label = self.chain.hex()
        self._check_pointer(header.roster, index, where)

    def _check_pointer(self, pointer: int, index: int, where: str) -> None:
        if self.pointer is None:
            self._resume_pointer(pointer, index)
        elif self.maybe is not None and pointer == self.maybe:
            self.pointer, self.maybe = self.maybe, None
        elif pointer != self.pointer:
            self._fault(index, 2, "roster-pointer", f"{where}: entry {index} points at roster entry {pointer}, not {self.pointer}")

    def _misplaced(self, index: int, where: str) -> None:
        expected = self.index or 0
        self.unbroken = False
        if self.prev is None and index > expected:
            return  # entries in between were lost to damage that has been reported
        what = f"entry {index} stands where entry {expected} belongs"
        if expected == 0 and self.told.size == 0:
            what = f"the chain begins with entry {index}: entries 0 to {index - 1} are not there"
        self._fault(index, 2, "position", f"{where}: {what}")
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
            self._missing(entry.header.index, 5, "begins-late", message)
        self.prev = None

    def _resume_pointer(self, pointer: int, index: int) -> None:
        """After a gap the pointer, which is signed, tells whether the gap hides a change of power."""
        if pointer == self.roster.pointer and self.roster.opened:
            self.hidden_from = None
        else:
            self._hide_from(pointer)
        if pointer >= index and index:
            self._fault(index, 2, "roster-pointer", f"entry {index} points at roster entry {pointer}, which does not come before it")
        self.pointer = pointer

    def _damage(self, damage: Damage, segment: Segment) -> None:
        where = f"{segment.name}, bytes {damage.start} to {damage.end}"
        if segment.last and damage.torn is not None:
            if not segment.writing():
                self._missing(self.index, 1, "torn-tail", f"{where}: a last write that did not finish, or an end that was cut off")
            return
        self._fault(self.index, 1, "damaged", f"{where}: no record can be read here")
        self._lose_track()

    def _lose_track(self) -> None:
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

    def _judge(self, entry: Entry, body: bytes, where: str) -> None:
        job = _Job(entry, body, where)
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
            self._fault(entry.header.index, 5, error.fault, f"{where}: entry {entry.header.index}: {error.message}")

    def _cannot_judge(self) -> bool:
        """Whether an entry that may have changed who may sign is hidden or cannot be read; counts the entry that this leaves open."""
        if self.hidden_from is None and self.roster.uncertain_from is None:
            return False
        self.unjudged += 1
        return True

    def _govern(self, job: _Job) -> None:
        """A governing entry is checked at once: those after it stand on it, so it counts only when all of it holds."""
        header = job.entry.header
        outcome = _Outcome()
        body = _check(job, outcome)
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
            self._missing(header.index, 5, error.fault, f"{job.where}: {error.message}, so who might sign from here on cannot be told")
        except KeyFormError as error:
            self._fault(header.index, 3, error.code, f"{job.where}: entry {header.index}: {error.message}")
            self.hidden_from = header.index
        except RosterError as error:
            self._fault(header.index, 5, error.fault, f"{job.where}: entry {header.index}: {error.message}")
        else:
            if isinstance(event.detail, ChainErase):
                self.erased.update(event.detail.entries)
            if isinstance(event.detail, ChainSeen):
                message = f"{job.where}: entry {header.index} cites a checkpoint, which this version cannot check yet"
                self._missing(header.index, 7, "checkpoint-unchecked", message)

    def _queue(self, job: _Job) -> None:
        self.batch.append(job)
        self.batch_bytes += len(job.body)
        if len(self.batch) >= _BATCH or self.batch_bytes >= _BATCH_BYTES:
            self._send()

    def _send(self) -> None:
        batch, self.batch, self.batch_bytes = self.batch, [], 0
        self.told.checked += len(batch)
        if self.workers is None:
            self._tell(_check_all(batch))
            return
        self.pending.append(self.workers.submit(_check_all, batch))
        while len(self.pending) > 4 * self.parallel:
            self._tell(self.pending.popleft().result())

    def _tell(self, outcome: _Outcome) -> None:
        for fault in outcome.faults:
            self._fault(*fault)
        for missing in outcome.missing:
            self._missing(*missing)
        for index, entry_id in outcome.absent:
            self.absent += entry_id + index.to_bytes(8)
        self.told.withheld += outcome.withheld
        if self.attachments is not None:
            for index, digest, where in outcome.attachments:
                self._attachment(index, digest, where, self.attachments(digest))

    def _attachment(self, index: int, digest: bytes, where: str, state: Literal["held", "absent", "mismatch"]) -> None:
        # 10. attachments
        if state == "mismatch":
            self._fault(index, 10, "attachment", f"{where}: entry {index}: the file held as attachment {digest.hex()} has other content")
        elif state == "held":
            self.told.attachments_held += 1
        else:
            self.told.attachments_absent += 1
            if self.all_attachments:
                self._missing(index, 10, "attachment-absent", f"{where}: entry {index}: attachment {digest.hex()} is not held")

    # The end

    def _finish(self) -> None:
        for job in sorted(self.last_by_author.values(), key=lambda job: job.entry.header.index):
            self._queue(job)
        if self.batch:
            self._send()
        while self.pending:
            self._tell(self.pending.popleft().result())
        self._tell_absent()
        self._hash()
        told = self.told
        if told.size == 0:
            self._missing(None, 1, "empty", f"{self.source.name}: no entry can be read here")
        elif self.unjudged and self.hidden_from:
            lost = f"an entry from {self.hidden_from} on does not hold or is not here"
            message = f"{lost}, so who might sign cannot be told of {self.unjudged} entries"
            self._missing(self.hidden_from, 5, "roster-gap", message)
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
                self._missing(index, 6, "body-absent", f"entry {index}: its body is not held, and no entry says that it was erased")

    def _hash(self) -> None:
        if self.unbroken:
            self.frontier.extend(self.leaves)
        self.leaves.clear()

    def _fault(self, index: int | None, step: int, code: str, message: str) -> None:
        self.report.add_fault(Fault(self.label, index, step, code, message))

    def _missing(self, index: int | None, step: int, code: str, message: str) -> None:
        self.report.add_missing(Fault(self.label, index, step, code, message))


def _where(segment: Segment, record: Record) -> str:
    return f"{segment.name}, byte {record.start}"


def _check_all(batch: list[_Job]) -> _Outcome:
    outcome = _Outcome()
    for job in batch:
        _check(job, outcome)
    return outcome


def _check(job: _Job, outcome: _Outcome) -> Body | None:
    """Steps 3, 4 and 6 of one entry. Returns its body where one is held and matches."""
    entry, index = job.entry, job.entry.header.index
    _check_signature(entry, job.where, outcome)
    # 6. body matches its commitment
    if not job.body:
        outcome.absent.append((index, entry.id))
        return None
    try:
        body = open_body(job.body, entry.header.body)
    except BodyError as error:
        outcome.faults.append(_Found(index, 6, error.code, f"{job.where}: entry {index}: {error.message}"))
        return None
    if body.state == "partial":
        outcome.withheld += len(body.withheld)
    if _ATTACHMENT_PATH in body.paths:
        outcome.attachments += [(index, digest, job.where) for digest in attachments_in(body)]
    return body


def _check_signature(entry: Entry, where: str, outcome: _Outcome) -> None:
    author, index = entry.header.author, entry.header.index
    # 3. key form
    try:
        parse_key_id(author)
    except KeyFormError as error:
        outcome.faults.append(_Found(index, 3, error.code, f"{where}: entry {index}: {error.message}"))
        return
    # 4. signature
    if is_reserved(author):
        message = f"{where}: entry {index} is signed by a key of a kind that this version cannot check"
        outcome.missing.append(_Found(index, 4, "key-reserved", message))
    elif not signature_holds(author, entry.signature, entry.signed):
        outcome.faults.append(_Found(index, 4, "signature", f"{where}: entry {index}: the signature does not hold"))


def attachments_in(body: Body) -> list[bytes]:
    """The digests of the attachments that a body shows, whatever else their fields say."""
    digests = []
    for path, value in zip(body.paths, body.values, strict=True):
        if value is not None and path.startswith("attachments/"):
            attachment = canonical.decode(value)
            digest = attachment.get("sha256") if isinstance(attachment, dict) else None
            if isinstance(digest, bytes):
                digests.append(digest)
    return digests
