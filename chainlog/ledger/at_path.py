"""What to verify, from a path: a ledger, a chain's folder, or a segment that was handed over.

This reads the segments as they lie, by none of the engine's code and without its index. It writes
nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.errors import NoLedgerError, StoreError
from chainlog.ledger.config import NAME as LEDGER_FILE
from chainlog.ledger.config import read_ledger_file
from chainlog.ledger.sources import source_of, verify_chains
from chainlog.store.segment.blobs import FOLDER as BLOBS
from chainlog.store.segment.files import real_path, segments_in
from chainlog.store.segment.raw import CHAINS, raw_folder, raw_folders, raw_part
from chainlog.store.segment.shelf import SegmentShelf
from chainlog.verifier.report import Level
from chainlog.verifier.run import FAULT_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from chainlog.ledger.marks import Marks
    from chainlog.store.raw import RawChain
    from chainlog.verifier.report import Report
    from chainlog.verifier.resume_note import Verified
    from chainlog.verifier.run import Source
    from chainlog.verifier.trust import Trust


def sources_of(path: Path, marks: Marks | None = None) -> list[Source]:
    """The chains to verify at `path`.

    Raises NoLedgerError where there is none, StoreError where it cannot be read.

    `marks`: those of whoever verifies, with the checkpoints kept beside them.
    """
    return [source_of(raw, marks) for raw in _chains_at(path)]


def _chains_at(path: Path) -> list[RawChain]:
    try:
        if path.is_file():
            return [raw_part(path)]
        # What lies in a chain's own folder is looked at, whatever else was laid there; and so is
        # what lies below a ledger's.
        found = [raw_folder(path)] if path.is_dir() and segments_in(path) else []
        if (path / LEDGER_FILE).exists():
            return found + raw_folders(path, read_ledger_file(path).chain)
        if (path / CHAINS).is_dir():
            return found + raw_folders(path, None)
        if found:
            return found
    except (OSError, ValueError) as error:
        raise StoreError(
            "{path!r} cannot be read: {error}", path=str(path)[:200], error=error
        ) from None
    raise NoLedgerError(
        "no ledger, chain or segment at {path}",
        path=path,
        hint="name a ledger's folder, a folder below its chains/, or a .seg file",
    )


def blobs_beside(path: Path) -> SegmentShelf:
    """The attachments of the ledger that `path` is, or lies in."""
    for folder in (path, *real_path(path).parents[:3]):
        if (folder / BLOBS).is_dir():
            return SegmentShelf(folder)
    return SegmentShelf(path)


def verify_path(
    path: Path,
    *,
    level: Level = Level.FULL,
    parallel: int | None = None,
    all_attachments: bool = False,
    limit: int = FAULT_LIMIT,
    trust: Trust | None = None,
    marks: Marks | None = None,
    checkpoints: Sequence[bytes] = (),
    before: Mapping[bytes, Verified] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Verify a ledger, a chain's folder, or a segment. The options are those of `verify_chains`.

    Raises NoLedgerError where there is none, StoreError where it cannot be read.
    """
    return verify_chains(
        _chains_at(path),
        blobs_beside(path),
        level=level,
        parallel=parallel,
        all_attachments=all_attachments,
        limit=limit,
        trust=trust,
        marks=marks,
        checkpoints=checkpoints,
        before=before,
        # One chain by itself is not missing the others; whoever trusts somebody asked for them.
        whole=trust is not None or (path / CHAINS).is_dir(),
        progress=progress,
    )
