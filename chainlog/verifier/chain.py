"""One chain, checked entry after entry.

Its sequence, who might sign it, and what its entries say (steps 1 to 6 and 10 of `verify`).

The caller brings the records in order: `place` says what a record's place says (steps 1 and 2),
`judge` the rest. What depends on one entry alone is handed out in batches, to workers where there
are any, so that faults may come in another order than the entries. After a fault it goes on: after
damage it picks up again, and says of what follows what can still be told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.errors import Keyed, KeyFormError, RosterError, Sentence, UncertainError
from chainlog.events.event import is_governing
from chainlog.events.kinds import (
    MOVES_ROSTER,
    ChainErase,
    ChainFork,
    ChainSeen,
    SiteAdmit,
    SiteSuspend,
    WitnessAdmit,
    WitnessSuspend,
)
from chainlog.format.checkpoint import format_origin_line
from chainlog.format.entry import NO_ID
from chainlog.overrides import override
from chainlog.verifier.absent import Absent
from chainlog.verifier.attachment import judge_attachments
from chainlog.verifier.batches import Batches
from chainlog.verifier.citation import Citations
from chainlog.verifier.entry import Job, Opened, Outcome, check
from chainlog.verifier.forks import Forks, HeldFork
from chainlog.verifier.log_keys import LogKeys
from chainlog.verifier.mark import KnownHead, MarkCheck
from chainlog.verifier.place import Sequence
from chainlog.verifier.read_chain import ReadChain
from chainlog.verifier.report import Level, Report
from chainlog.verifier.resume_note import Verified
from chainlog.verifier.roots import HeldNote, Roots
from chainlog.verifier.seen import doubt_of_seen

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Executor

    from chainlog.events.roster import Roster
    from chainlog.events.terms import Detail
    from chainlog.format.entry import Entry, Header
    from chainlog.verifier.attachment import Attachments
    from chainlog.verifier.resume_note import Records


class ChainCheck(Sequence):
    """The state of one chain's verification.

    What is found goes to `report`, and the chain's own line to its `chains` at the end.

    `source`: where the records come from, in words. `chain`: its id, where that is known. `whole`:
    it is meant to begin with entry 0.
    """

    level: Level
    attachments: Attachments | None
    all_attachments: bool
    unjudged: int
    batches: Batches
    absent: Absent
    keeps: bool
    opened: list[Opened]
    before: Verified | None
    records: Records | None
    roots: Roots
    forks: Forks
    mark: MarkCheck
    citations: Citations
    watching: bool
    index: int
    prev: bytes
    roster: Roster
    pointer: int
    hidden_from: int

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
        trusting: bool = False,
        before: Verified | None = None,
        records: Records | None = None,
        forks: Iterable[HeldFork] = (),
        mark: KnownHead | None = None,
        keeps: bool = False,
    ) -> None:
        super().__init__(report, source, chain, whole=whole)
        self.level = report.level
        self.attachments, self.all_attachments = attachments, all_attachments
        # Entries of which cannot be told whether their author might sign.
        self.unjudged = 0
        self.batches = Batches(self._tell, workers, parallel, citations=trusting, keeps=keeps)
        self.last_by_author: dict[bytes, Job] = {}
        self.absent = Absent()
        # What was read, where the caller goes on with it: governing entries first.
        self.keeps, self.opened = keeps, list[Opened]()
        # What was verified before, and the digest over all records, where one is kept.
        self.before, self.records = before, records
        # What checkpoints are compared with: the roots, and who might sign as the log.
        self.roots = Roots(notes, before.size if before else None)
        self.forks = Forks(forks)
        self.governed: list[tuple[int, Detail]] = []
        # Where somebody is trusted, citations are followed.
        self.trusting = trusting
        self.citations = Citations()
        self.mark = MarkCheck(mark)
        self.watching = trusting or bool(self.forks.kept) or mark is not None

    @override
    def watch(self, entry: Entry) -> None:
        """Take note of an entry where somebody is trusted, a fork is kept or a mark is known."""
        self.mark.watch(entry)
        self.forks.watch(entry, self.chain or NO_ID, self.roster)
        if self.trusting:
            self.citations.hold(entry.id)

    def resume(self, size: int, head: bytes, roster: Roster) -> None:
        """Go on after `size` entries that hold, the last of them `head`.

        `roster` is theirs, and is folded on.
        """
        self.index, self.prev, self.roster, self.pointer = size, head, roster, roster.pointer

    # What it says

    def judge(self, entry: Entry, body: bytes, where: str) -> None:
        """Steps 3 to 6 of an entry that was placed, and its attachments.

        Or, where they are put off, take note of it.
        """
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

    def _queue(self, job: Job) -> None:
        self.told.checked += 1
        self.batches.add(job)

    def _authorise(self, entry: Entry, where: str) -> None:
        if self._cannot_judge():
            return
        try:
            self.roster.check_custody(entry.header.index, entry.header.author)
        except RosterError as error:
            self._refuse(entry.header.index, 5, error.fault, where, error.message)

    def _refuse(self, index: int, step: int, code: str, where: str, why: Sentence) -> None:
        """The entry does not hold, for what an error says of it."""
        says = Keyed("fault.of_entry", where=where, index=index, why=why)
        self.fault(index, step, code, says)

    def _cannot_judge(self) -> bool:
        """Whether an entry that may have changed who may sign is hidden or cannot be read.

        Counts the entry that this leaves open.
        """
        if self.hidden_from is None and self.roster.uncertain_from is None:
            return False
        self.unjudged += 1
        return True

    def _govern(self, job: Job) -> None:
        """A governing entry is checked at once.

        Those after it stand on it, so it counts only when all of it holds.
        """
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
            self.missing(
                header.index,
                5,
                error.fault,
                Keyed("fault.roster-unclear", where=job.where, why=error.message),
            )
        except KeyFormError as error:
            self._refuse(header.index, 3, error.code, job.where, error.message)
            self.hidden_from = header.index
        except RosterError as error:
            self._refuse(header.index, 5, error.fault, job.where, error.message)
        else:
            if self.keeps:
                self.opened.append(Opened(job.entry, body, event))
            self._took(header, event.detail, job.where)

    def _took(self, header: Header, detail: Detail, where: str) -> None:
        """A governing event that was taken in.

        Keep what the end of the chain, or another chain, is judged by.
        """
        index = header.index
        match detail:
            case ChainErase():
                self.absent.erase(detail.entries)
            case ChainSeen():
                self._see(index, detail.checkpoint, where)
            case ChainFork() if header.author in self.roster.owners:
                self.forks.abandon(detail.at, detail.other)
            case SiteAdmit() | SiteSuspend() | WitnessAdmit() | WitnessSuspend():
                self.governed.append((index, detail))
            case _:
                pass

    def _see(self, index: int, text: str, where: str) -> None:
        """7. A checkpoint in the chain itself: its form at once, its root when all is read."""
        doubt = doubt_of_seen(index, text, self.roster.origin, self.chain or NO_ID)
        if doubt is None:
            self.roots.cite(
                HeldNote(Keyed("place.cited", where=where, index=index), text.encode(), entry=index)
            )
            return
        code, says = doubt
        self.fault(index, 7, code, Keyed("fault.at", where=where, why=says))

    def _tell(self, outcome: Outcome) -> None:
        for fault in outcome.faults:
            self.fault(*fault)
        for missing in outcome.missing:
            self.missing(*missing)
        for index, entry_id in outcome.absent:
            self.absent.add(index, entry_id)
        for index, n in outcome.withheld:
            self.told.withheld += n
            says = Keyed("fault.fields-withheld", index=index, n=n)
            self.without(index, 6, "fields-withheld", says)
        self.opened += outcome.opened
        if outcome.cited:
            self.citations.cite(outcome.cited)
        if self.attachments is not None:
            # 10. attachments
            judge_attachments(
                self, outcome.attachments, self.attachments, all_asked=self.all_attachments
            )

    # The end

    def flush(self) -> None:
        """Have all checked that was put off."""
        for job in sorted(self.last_by_author.values(), key=lambda job: job.entry.header.index):
            self._queue(job)
        self.last_by_author.clear()
        self.batches.flush()

    def finish(self) -> None:
        """Say what the whole chain came to."""
        self.flush()
        self.absent.judge(self)
        self.forks.judge(self, trusting=self.trusting)
        self.hash()
        told = self.told
        self.mark.judge(self, max(told.size, self.index or 0))
        if told.size == 0:
            self.missing(None, 1, "empty", Keyed("fault.empty", source=self.told.source))
        elif self.unjudged and self.hidden_from:
            says = Keyed("fault.roster-gap", hidden_from=self.hidden_from, n=self.unjudged)
            self.missing(self.hidden_from, 5, "roster-gap", says)
        told.chain, told.origin, told.owners = self.label, self.roster.origin, self.roster.owners
        if self.unbroken and told.size and self.prev is not None:
            told.head, told.root = self.prev.hex(), self.roots.frontier.root().hex()
        self.report.chains.append(told)

    def hash(self) -> None:
        """Take the entries placed since the last call into the tree."""
        if self.unbroken:
            self.roots.extend(self.leaves)
        self.leaves.clear()

    def owed(self) -> list[int]:
        """The sizes, largest first, whose roots are asked for but were passed before that."""
        return self.roots.owed() if self.unbroken else []

    def head(self) -> ReadChain:
        """What its checkpoints are judged by, once `finish` was called."""
        size = max(self.told.size, self.index or 0)
        roots = self.roots.by_size if self.unbroken else {}
        said = self.told, self.chain or NO_ID, self.roster.origin, self.roster.programme
        keys = LogKeys(format_origin_line(said[2], said[1]), self.roster.powers)
        return ReadChain(
            *(*said, size, roots, keys, self.roots.notes), *(self.governed, self.before, self.lost)
        )

    def pass_over(self, entry: Entry, body: bytes, where: str) -> None:
        """Take in an entry that was verified before.

        Only those that govern are looked at again, since what follows stands on them.
        """
        if is_governing(entry.header.kind):
            self._govern(Job(entry, body, where))
        else:
            self.told.checked += 1

    def tell_verified(self, records: Records, trust: bytes) -> None:
        """Say how far the chain is verified now, as the next run may take it for granted.

        What was counted in earlier runs is added.
        """
        told, before = self.told, records.expected
        if before is not None:
            told.add(before.counts)
        if self.unbroken and told.size and self.level is Level.FULL and self.chain is not None:
            line = format_origin_line(self.roster.origin, self.chain)
            root, digest = self.roots.frontier.root(), records.digest()
            told.verified = Verified(line, told.size, root, digest, trust, told.counts)
