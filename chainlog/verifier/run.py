"""The numbered checks over a stream of records (docs/design.md 'Verification').

The numbers are the same in prose, code and reports.

1. framing and canonical form
2. position and link: chain, index, previous id, roster pointer
3. key form
4. signature
5. authority: the key was in force at this index, and might sign this governing kind
6. body matches its commitment
7. root equals the checkpoint's
8. checkpoint signed, witnesses enough for the policy, no smaller than any seen before
9. citations between chains, admissions
10. attachments

Steps 7 and 8 are made for every checkpoint that is held of a chain; the witnesses of 8, and 9, only
where somebody is trusted. `verify` does no I/O of its own: bytes, workers and the look-up of
attachments are its arguments. It goes on after the first fault, picks up again after damage, and
holds a bounded number of records, so that a chain may be of any length.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from chainlog.errors import Keyed
from chainlog.events.event import is_governing
from chainlog.events.roster import Roster
from chainlog.format.entry import NO_ID
from chainlog.verifier import trust as trusting
from chainlog.verifier.chain import ChainCheck
from chainlog.verifier.place import where_of
from chainlog.verifier.report import Fault, Level, Report
from chainlog.verifier.resume_note import NOBODY, Records
from chainlog.verifier.segment import Segment, read, roots_at

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from concurrent.futures import Executor

    from chainlog.format.record import Record
    from chainlog.verifier.attachment import Attachments
    from chainlog.verifier.entry import Opened
    from chainlog.verifier.forks import HeldFork
    from chainlog.verifier.mark import KnownHead
    from chainlog.verifier.read_chain import ReadChain
    from chainlog.verifier.resume_note import Verified
    from chainlog.verifier.roots import HeldNote
    from chainlog.verifier.segment import Progress
    from chainlog.verifier.trust import Trust

# A segment is part of what `verify` asks for, so it is named here too.
__all__ = [
    "FAULT_LIMIT",
    "Known",
    "Missing",
    "Reach",
    "Segment",
    "Source",
    "unknown",
    "verify",
    "verify_on",
]

FAULT_LIMIT: Final = 100
# All is listed that is found in one group of records.
_NO_LIMIT: Final = 2**62


@dataclass(frozen=True, slots=True)
class Source:
    """One chain to verify. `chain`: its id, where a folder's name says so.

    `whole`: it is meant to begin with entry 0.

    `checkpoints`, `forks`: those held of it. `mark`: the head that whoever verifies was told of it
    before. `unread`: what is kept of it and cannot be read, as
    the step that it matters to, a code and why. `again`: reads it once more, for the root of a size
    that is asked for after it was passed.
    """

    name: str
    segments: Iterable[Segment]
    chain: bytes | None = None
    whole: bool = True
    checkpoints: Sequence[HeldNote] = ()
    forks: Sequence[HeldFork] = ()
    mark: KnownHead | None = None
    unread: Sequence[tuple[int, str, Keyed]] = ()
    again: Callable[[], Iterable[Segment]] | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """How far a chain is verified.

    Its first `size` entries hold, the last is `head`, and `roster` is after them. `roster` is never
    changed here.
    """

    chain: bytes
    size: int
    head: bytes
    roster: Roster


def unknown(chain: bytes) -> Known:
    """What is known of a chain of which nothing was verified."""
    return Known(chain, 0, NO_ID, Roster())


@dataclass(frozen=True, slots=True)
class Missing(Fault):
    """What ends a sequence that is not known to be wrong.

    Something is not there, or cannot be read by this version.
    """


def verify(
    sources: Iterable[Source],
    *,
    level: Level = Level.FULL,
    workers: Executor | None = None,
    parallel: int = 1,
    attachments: Attachments | None = None,
    all_attachments: bool = False,
    trust: Trust | None = None,
    before: Mapping[bytes, Verified] | None = None,
    seen_before: Callable[[bytes], bool] = lambda _chain: False,
    limit: int = FAULT_LIMIT,
    progress: Progress | None = None,
) -> Report:
    """Check every source and say what holds. Never raises for what the bytes say.

    `workers`: where batches of signatures and bodies are checked, `parallel` of them at a time;
    without, here. `attachments`: tells of a digest whether the file is held and matches.
    `all_attachments`: one that is not held counts as missing. `trust`: whom to trust, for the
    witnesses of step 8 and for step 9. `before`: what whoever verifies verified before, by chain:
    what did not change since is not verified again, and each chain's `verified` is told.
    `seen_before`: whether whoever verifies ever saw a chain. `limit`: how many faults to list.
    `progress`: called with the number of entries done since the last call.
    """
    report = Report(level=level, limit=limit)
    # How each chain is checked is the same for all.
    begin = partial(
        ChainCheck,
        report,
        workers=workers,
        parallel=parallel,
        attachments=attachments,
        all_attachments=all_attachments,
        trusting=trust is not None,
    )
    seen: dict[str, str] = {}
    found: list[ReadChain] = []
    cited: set[int] = set()
    ids: list[array[int]] = []
    for source in sources:
        check = _check(source, report, begin, before, trust, progress)
        if check.label in seen:
            message = _say_twice(source.name, seen[check.label])
            report.add_fault(Fault(check.label, None, 2, "chain-twice", message))
        seen[check.label] = source.name
        found.append(check.head())
        cited |= check.citations.cited
        ids.append(check.citations.here)
    trusting.judge(found, trust, report)
    if trust is not None:
        cited.difference_update(*ids)
        trusting.judge_citations(found, trust, len(cited), report)
    trusting.judge_absent(found, trust, seen_before, report)
    return report


def _say_twice(name: str, seen: str) -> Keyed:
    return Keyed("fault.chain-twice", name=name, seen=seen)


def _check(
    source: Source,
    report: Report,
    begin: partial[ChainCheck],
    before: Mapping[bytes, Verified] | None,
    trust: Trust | None,
    progress: Progress | None,
) -> ChainCheck:
    """Check one source to its end.

    Where what was verified before has changed, it is checked anew, and all of it.
    """
    known = before.get(source.chain) if before is not None and source.chain is not None else None
    # What was verified without trusting anybody says nothing of citations.
    usable = (
        known
        if source.again is not None
        and (trust is None or (known is not None and known.trust == trust.authority))
        else None
    )
    if begin.keywords["all_attachments"]:
        usable = None  # which files they name, only the entries say

    def run(segments: Iterable[Segment], expected: Verified | None) -> ChainCheck:
        records = Records(expected) if before is not None else None
        held: dict[str, Any] = {
            "notes": source.checkpoints,
            "forks": source.forks,
            "mark": source.mark,
            "before": known,
            "records": records,
        }
        check: ChainCheck = begin(source.name, source.chain, whole=source.whole, **held)
        for segment in segments:
            read(segment, check, progress)
        for unread in source.unread:
            check.missing(None, *unread)
        check.finish()
        return check

    started = report.mark()
    check = run(source.segments, usable)
    if check.records is not None and not check.records.fits and source.again is not None:
        report.back_to(started)
        check = run(source.again(), None)
    if check.owed():
        check.roots.by_size |= roots_at(
            source.again() if source.again else (), check.chain, check.owed()
        )
    if check.records is not None:
        check.tell_verified(check.records, trust.authority if trust is not None else NOBODY)
    return check


class Reach(NamedTuple):
    """What `verify_on` came to: what is `known` now, what of it was read, and what `ends` it.

    `opened`: each entry that holds, in order, and nothing after it.
    """

    known: Known
    opened: list[Opened]
    ends: Fault | None


def verify_on(
    known: Known,
    records: Sequence[Record],
    *,
    workers: Executor | None = None,
    parallel: int = 1,
    name: str = "",
    custody: bool = True,
) -> Reach:
    """Verify records that are meant to follow directly on what is known, by steps 1 to 6.

    Never raises for what the bytes say.

    Returns what is known after the longest beginning of them that holds, what was read of it, and
    what ends it: a `Missing` where it cannot be told, any other Fault for tampering, None where all
    hold. The result is the same however a chain is cut into groups, and with any number of workers.
    A body of custody that is absent ends nothing. `name`: the file that the records stand in, for
    the message. `custody`: whether bodies of custody are asked for; without, they count as absent.
    """
    name = name or known.chain.hex()[:16]
    report = Report(level=Level.FULL, limit=_NO_LIMIT)
    check = ChainCheck(report, name, known.chain, workers=workers, parallel=parallel, keeps=True)
    check.resume(known.size, known.head, known.roster.copy())
    if known.roster.uncertain_from is not None:
        says = Keyed(
            "fault.roster-gap.before", where=name, uncertain_from=known.roster.uncertain_from
        )
        check.missing(known.size, 5, "roster-gap", says)
        return Reach(known, [], _ends(report)[0])
    at = known.size
    for at, record in enumerate(records, known.size):  # noqa: B007  (where it ended)
        entry = check.place(record, name)
        # Of an entry that is out of place nothing else is asked: it would be said of another index.
        if entry is None or _ends(report):
            break
        asked = custody or is_governing(entry.header.kind)
        check.judge(entry, record.body if asked else b"", where_of(record, name))
        if _ends(report):
            break
    check.flush()
    ends = _ends(report)
    if not ends:
        size = known.size + len(records)
        opened = sorted(check.opened, key=lambda one: one.entry.header.index)
        return Reach(Known(known.chain, size, check.prev or NO_ID, check.roster), opened, None)
    size, end = _first(ends, at)
    if size == known.size:
        return Reach(known, [], end)
    # What came before may have been judged with a roster that has moved on since: fold it anew.
    before = records[: size - known.size]
    again = verify_on(known, before, workers=workers, parallel=parallel, name=name, custody=custody)
    return again._replace(ends=end)


def _first(ends: list[Fault], at: int) -> tuple[int, Fault]:
    """Where a sequence ends, and by what; `at`: the index at which reading it ended."""
    ordered = [
        (
            # Steps 1 and 2 may name another index than that of the record at hand.
            at if end.step <= 2 or end.index is None else end.index,
            isinstance(end, Missing),
            end.step,
            end,
        )
        for end in ends
    ]
    size, _, _, end = min(ordered, key=lambda one: one[:3])
    return size, end


def _ends(report: Report) -> list[Fault]:
    """What was found that ends a sequence."""
    if not report.fault_count and not report.missing_count:
        return []
    found = [Missing(one.chain, one.index, one.step, one.code, one.says) for one in report.missing]
    return report.faults + found
