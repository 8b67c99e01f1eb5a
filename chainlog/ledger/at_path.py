"""What to verify, from a path: a ledger, a chain's folder, or a segment that was handed over.

This reads the segments as they lie, by none of the engine's code and without its index. It writes
nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from chainlog.errors import EntryError, NoLedgerError, StoreError
from chainlog.format.entry import NO_ID, is_id, parse_entry
from chainlog.format.record import Record, scan
from chainlog.ledger.config import NAME as LEDGER_FILE
from chainlog.ledger.config import read_ledger_file
from chainlog.store.blobs import blob_path
from chainlog.store.checkpoints import AHEAD, checkpoint_files, read_checkpoint
from chainlog.store.checkpoints import FOLDER as CHECKPOINTS
from chainlog.store.conflicts import FOLDER as CONFLICTS
from chainlog.store.conflicts import conflicts_in, format_conflict
from chainlog.store.segment.folder import SEGMENT_NAME, chunks_of, segments_in
from chainlog.store.segment.offsets import NAME as INDEX_NAME
from chainlog.verifier.checkpoints import HeldNote
from chainlog.verifier.forks import HeldFork
from chainlog.verifier.report import Fault, Level, Report
from chainlog.verifier.run import FAULT_LIMIT, Segment, Source, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from chainlog.ledger.marks import Marks
    from chainlog.verifier.resume_note import Verified
    from chainlog.verifier.trust import Trust


FORKS_LIMIT: Final = 1000


def sources_of(
    path: Path, remembered: Callable[[bytes], Sequence[Path]] = lambda _chain: ()
) -> list[Source]:
    """The chains to verify at `path`.

    Raises NoLedgerError where there is none, StoreError where it cannot be read.

    `remembered`: the folders in which whoever verifies keeps checkpoints of a chain, by its id.
    """
    try:
        return [_with_memory(source, remembered) for source in _sources_at(path)]
    except (OSError, ValueError) as error:
        raise StoreError(f"{str(path)[:200]!r} cannot be read: {error}") from None


def _sources_at(path: Path) -> list[Source]:
    if path.is_file():
        match = SEGMENT_NAME.fullmatch(path.name)
        first = int(match[1]) if match else None

        def part() -> Iterator[Segment]:
            yield Segment(path.name, chunks_of(path), first)

        return [Source(str(path), part(), _begins(path), whole=False, again=part)]
    if (path / "chains").is_dir() or (path / LEDGER_FILE).exists():
        return [_source_of(folder, named=True) for folder in _chain_folders(path)]
    if path.is_dir() and segments_in(path):
        return [_source_of(path)]
    raise NoLedgerError(
        f"no ledger, chain or segment at {path}",
        hint="name a ledger's folder, a folder below its chains/, or a .seg file",
    )


def blobs_beside(path: Path) -> Path:
    """The attachments of the ledger that `path` is, or lies in."""
    for folder in (path, *path.resolve().parents[:3]):
        if (folder / "blobs").is_dir():
            return folder / "blobs"
    return path / "blobs"


def attachments_of(blobs: Path) -> Callable[[bytes], Literal["held", "absent", "mismatch"]]:
    """A look-up of attachments below a ledger's `blobs`; each file is read once."""
    known: dict[bytes, Literal["held", "absent", "mismatch"]] = {}

    def state(digest: bytes) -> Literal["held", "absent", "mismatch"]:
        if digest not in known:
            known[digest] = _state(blob_path(blobs, digest), digest)
        return known[digest]

    return state


def _state(path: Path, digest: bytes) -> Literal["held", "absent", "mismatch"]:
    hasher = sha256()
    try:
        for chunk in chunks_of(path):
            hasher.update(chunk)
    except StoreError:
        return "absent"
    return "held" if hasher.digest() == digest else "mismatch"


def _chain_folders(ledger: Path) -> list[Path]:
    """The folders of a ledger's chains.

    The chain that is written here is looked for even where nothing of it is left.
    """
    chains = ledger / "chains"
    folders = (
        {folder for folder in chains.iterdir() if folder.is_dir() and _is_chain(folder)}
        if chains.is_dir()
        else set()
    )
    if (ledger / LEDGER_FILE).exists():
        folders.add(chains / read_ledger_file(ledger).chain.hex())
    return sorted(folders)


def _is_chain(folder: Path) -> bool:
    """A folder with segments, or with what only a chain with segments leaves behind.

    Not that of a crash before the first entry.
    """
    return (
        bool(segments_in(folder))
        or (folder / INDEX_NAME).exists()
        or bool(checkpoint_files(folder / CHECKPOINTS))
    )


def _begins(path: Path) -> bytes | None:
    """The id of the chain that a segment begins with entry 0 of, as its first record says.

    None where it begins otherwise.
    """
    for found in scan(chunks_of(path)):
        try:
            entry = parse_entry(found[0].entry) if isinstance(found[0], Record) else None
        except EntryError:
            return None
        return entry.id if entry is not None and entry.header.index == 0 else None
    return None


def _source_of(folder: Path, *, named: bool = False) -> Source:
    """One chain's folder.

    `named`: it must be named after the chain; under another name no chain is the right one.
    """
    segments = segments_in(folder) if folder.is_dir() else []
    chain = (
        bytes.fromhex(folder.name)
        if is_id(folder.name)
        else NO_ID
        if named
        else _begins(segments[0][1])
    )
    writing = _writing(folder)
    last = len(segments) - 1

    def parts() -> Iterator[Segment]:
        for place, (first, path) in enumerate(segments):
            yield Segment(path.name, chunks_of(path), first, last=place == last, writing=writing)

    beside = _notes_in(folder / CHECKPOINTS)
    return Source(
        str(folder),
        parts(),
        chain,
        checkpoints=[*beside, *_notes_in(folder / CHECKPOINTS / AHEAD, ahead=True)],
        forks=_forks_in(folder, chain),
        again=parts,
    )


def _forks_in(folder: Path, chain: bytes | None) -> list[HeldFork]:
    """The forks that are kept of a chain."""
    kept = conflicts_in(folder, chain) if chain is not None else []
    if len(kept) > FORKS_LIMIT:
        raise StoreError(
            f"{folder} holds {len(kept)} forks: that is more than anybody met",
            hint="look at who put them there",
        )
    paths = [(one.index, folder / CONFLICTS / format_conflict(one)) for one in kept]
    return [
        HeldFork(f"{CONFLICTS}/{path.name[:32]}…", index, partial(chunks_of, path))
        for index, path in paths
    ]


def _notes_in(folder: Path, *, remembered: bool = False, ahead: bool = False) -> list[HeldNote]:
    """The checkpoints in a folder.

    One that cannot be read is one all the same: what it said is not known.
    """
    notes = []
    for path in checkpoint_files(folder):
        try:
            data = read_checkpoint(path)
        except StoreError:
            data = b""
        notes.append(HeldNote(_named(path), data, remembered, ahead=ahead))
    return notes


def _named(path: Path) -> str:
    """A checkpoint in words, by the name of its file."""
    size, _, root = path.stem.partition("-")
    return f"the checkpoint of {int(size)} entries (root {root[:12]}…)"


def _with_memory(source: Source, remembered: Callable[[bytes], Sequence[Path]]) -> Source:
    if source.chain is None:
        return source
    folders = list(remembered(source.chain))
    more = [note for folder in folders for note in _notes_in(folder, remembered=True)]
    more += [note for folder in folders for note in _notes_in(folder / AHEAD, ahead=True)]
    known = {note.data for note in more}
    # Those that are remembered come first, and count for more.
    return replace(
        source,
        checkpoints=[*more, *(note for note in source.checkpoints if note.data not in known)],
    )


def _writing(folder: Path) -> Callable[[], bool]:
    """Whether a writer holds the chain's lock; asked only where a torn tail was met."""

    def locked() -> bool:
        from filelock import FileLock, Timeout  # noqa: PLC0415  (seldom needed, slow to load)

        path = folder / "lock"
        # What verifies writes nothing: older versions of the library empty what a link leads to.
        if path.is_symlink() or not path.is_file():
            return False
        lock = FileLock(path)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return True
        except (OSError, NotImplementedError):
            return False  # a lock that cannot be asked for, on a medium that cannot be written
        lock.release()
        return False

    return locked


def verify_path(
    path: Path,
    *,
    level: Level = Level.FULL,
    parallel: int | None = None,
    all_attachments: bool = False,
    limit: int = FAULT_LIMIT,
    trust: Trust | None = None,
    marks: Marks | None = None,
    beside: Sequence[Marks] = (),
    checkpoints: Sequence[bytes] = (),
    before: Mapping[bytes, Verified] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Verify a ledger, a chain's folder, or a segment.

    `parallel`: how many threads, all cores unless it is said.

    `trust`: whom to trust, for witnesses and admissions. `marks`: those of whoever verifies, with
    the checkpoints kept beside them.
    `beside`: others whose checkpoints count too, and are not to be written to.
    `checkpoints`: more of them, given by whoever verifies, for the chains that their origin lines
    name. `before`: as for `verify`.
    """
    parallel = parallel or os.cpu_count() or 1
    options: dict[str, Any] = {
        "level": level,
        "all_attachments": all_attachments,
        "limit": limit,
        "progress": progress,
        "trust": trust,
    }
    options["before"] = before
    memories = [*([marks] if marks is not None else []), *beside]
    sources = sources_of(path, lambda chain: [memory.remembered(chain) for memory in memories])
    sources = [_with_given(source, checkpoints) for source in sources]
    options["attachments"] = attachments_of(blobs_beside(path))
    options["seen_before"] = lambda chain: any(
        checkpoint_files(memory.remembered(chain)) for memory in memories
    )
    if parallel == 1:
        report = verify(sources, **options)
    else:
        with ThreadPoolExecutor(parallel) as workers:
            report = verify(sources, workers=workers, parallel=parallel, **options)
    used = {note.data for source in sources for note in source.checkpoints}
    for data in checkpoints:
        if data not in used:
            message = (
                "a checkpoint that was given is of no chain that is here, so what it says "
                "cannot be compared"
            )
            report.add_missing(Fault("", None, 8, "chain-absent", message))
    return report


def _with_given(source: Source, checkpoints: Sequence[bytes]) -> Source:
    """The source with those checkpoints whose first line ends in its chain's id."""
    ending = b"" if source.chain is None else b"/" + source.chain.hex().encode()
    given = [
        HeldNote("the checkpoint that was given", data)
        for data in checkpoints
        if data.partition(b"\n")[0].endswith(ending)
    ]
    return replace(source, checkpoints=[*source.checkpoints, *given]) if given else source
