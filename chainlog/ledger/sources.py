"""What to verify, from chains as they lie in a store, and everything that was ever seen of them.

Nothing of the engine is used but its shelf, and nothing is written.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from chainlog.errors import Keyed, NoBlobError, StoreError
from chainlog.store.checkpoints import AHEAD, checkpoint_files, raw_checkpoints_in
from chainlog.store.raw import CHUNK, told_of
from chainlog.verifier.forks import HeldFork
from chainlog.verifier.mark import KnownHead
from chainlog.verifier.report import Fault, Level, Report, because
from chainlog.verifier.roots import HeldNote
from chainlog.verifier.run import FAULT_LIMIT, Source, verify
from chainlog.verifier.segment import Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from chainlog.ledger.marks import Marks
    from chainlog.ledger.remembered import Memory
    from chainlog.store.raw import RawChain, RawCheckpoint
    from chainlog.store.shelf import Shelf
    from chainlog.verifier.resume_note import Verified
    from chainlog.verifier.trust import Trust

    Attachment = Literal["held", "absent", "mismatch", "unreadable"]


T = TypeVar("T")


def verify_chains(
    chains: Iterable[RawChain],
    shelf: Shelf,
    *,
    level: Level = Level.FULL,
    parallel: int | None = None,
    all_attachments: bool = False,
    limit: int = FAULT_LIMIT,
    trust: Trust | None = None,
    marks: Marks | None = None,
    checkpoints: Sequence[bytes] = (),
    before: Mapping[bytes, Verified] | None = None,
    whole: bool = True,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Verify chains as they lie. `shelf`: where their attachments are.

    `whole`: they are all of a ledger, so that a chain which was seen before is missed.

    `parallel`: how many threads, all cores unless it is said.

    `trust`: whom to trust, for witnesses and admissions. `marks`: those of whoever verifies, with
    the checkpoints kept beside them.
    `checkpoints`: more of them, given by whoever verifies, for the chains that their origin lines
    name. `before`: as for `verify`. Raises StoreError for what cannot be looked through.
    """
    parallel = parallel or os.cpu_count() or 1

    sources = [source_of(one, marks) for one in chains]
    sources = [_with_given(source, checkpoints) for source in sources]
    options: dict[str, Any] = {
        "level": level,
        "all_attachments": all_attachments,
        "limit": limit,
        "progress": progress,
        "trust": trust,
        "before": before,
        "attachments": attachments_in(shelf),
        "seen_before": lambda chain: whole and marks is not None and _was_seen(marks, chain),
    }
    if parallel == 1:
        report = verify(sources, **options)
    else:
        with ThreadPoolExecutor(parallel) as workers:
            report = verify(sources, workers=workers, parallel=parallel, **options)
    used = {note.data for source in sources for note in source.checkpoints}
    for data in checkpoints:
        if data not in used:
            says = Keyed("fault.chain-absent.given")
            report.add_missing(Fault("", None, 8, "chain-absent", says))
    return report


def _was_seen(marks: Marks, chain: bytes) -> bool:
    """Whether whoever verifies was told of a chain's head, or saw a checkpoint of it."""
    return marks.has(chain) or bool(checkpoint_files(marks.remembered(chain)))


def source_of(raw: RawChain, marks: Marks | None = None) -> Source:
    """One chain to verify. Raises StoreError.

    `marks`: those of whoever verifies, with the checkpoints kept beside them.
    """
    last = len(raw.segments) - 1

    def parts() -> Iterator[Segment]:
        for place, one in enumerate(raw.segments):
            chunks = one.chunks(0, CHUNK)
            yield Segment(one.name, chunks, one.first, last=place == last, writing=raw.writing)

    # What cannot be read of a chain is missing of that one, and the others are looked at.
    unread = [(1, code, says) for code, says in told_of(raw.astray)]

    def kept(look: Callable[[], list[T]], step: int, code: str) -> list[T]:
        try:
            return look()
        except StoreError as error:
            unread.append((step, code, because(error.message)))
            return []

    beside = [_held(one) for one in kept(raw.checkpoints, 8, "checkpoint-unreadable")]
    forks = kept(raw.forks, 2, "fork-unreadable")
    notes = [] if raw.chain is None or marks is None else _remembered(marks.memory(raw.chain))
    known = {note.data for note in notes if note.remembered}
    try:
        head = None if raw.chain is None or marks is None else marks.get(raw.chain)
    except StoreError as error:
        head = None
        unread.append((8, "mark-unreadable", because(error.message)))
    return Source(
        raw.where,
        parts(),
        raw.chain,
        whole=raw.whole,
        checkpoints=[*notes, *(note for note in beside if note.data not in known)],
        forks=[HeldFork(one.name, one.index, one.chunks) for one in forks],
        mark=None if head is None else KnownHead(head.size, head.id),
        unread=unread,
        again=parts,
    )


def _remembered(memory: Memory) -> list[HeldNote]:
    """Those that are remembered come first, and count for more.

    One whose signature is not known to have held says as little as one that went beyond what was
    here: whether its key might sign it, the entries that are here say.
    """
    lying = raw_checkpoints_in(memory.folder)
    counting = [_held(one, remembered=True) for one in lying if memory.counts(one.data)]
    known = {one.data for one in counting}
    others = [one for one in lying if one.data not in known]
    others += raw_checkpoints_in(memory.folder / AHEAD)
    return [*counting, *(_held(one)._replace(ahead=True) for one in others)]


def _held(one: RawCheckpoint, *, remembered: bool = False) -> HeldNote:
    where = Keyed("place.checkpoint", n=one.size, root=one.root[:12])
    return HeldNote(where, one.data, remembered, ahead=one.ahead)


def _with_given(source: Source, checkpoints: Sequence[bytes]) -> Source:
    """The source with those checkpoints whose first line ends in its chain's id."""
    ending = b"" if source.chain is None else b"/" + source.chain.hex().encode()
    given = [
        HeldNote(Keyed("place.given"), data)
        for data in checkpoints
        if data.partition(b"\n")[0].endswith(ending)
    ]
    return replace(source, checkpoints=[*source.checkpoints, *given]) if given else source


def attachments_in(shelf: Shelf) -> Callable[[bytes], Attachment]:
    """A look-up of attachments; each is read once."""
    known: dict[bytes, Attachment] = {}

    def state(digest: bytes) -> Attachment:
        if digest not in known:
            known[digest] = attachment_state(shelf, digest)
        return known[digest]

    return state


def attachment_state(shelf: Shelf, digest: bytes) -> Attachment:
    """Whether a file is kept, with the content that its name says; it is read for that."""
    hasher = sha256()
    try:
        for chunk in shelf.blob(digest):
            hasher.update(chunk)
    except NoBlobError:
        return "absent"
    except StoreError:
        return "unreadable"
    return "held" if hasher.digest() == digest else "mismatch"
