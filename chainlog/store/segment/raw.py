"""Chains as they lie in folders that may be anybody's: a ledger's, one chain's, or a segment.

None of the engine's code is used here, nor its index, and nothing is written. Pipes, devices and
what cannot be read end a chain there.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from chainlog.errors import EntryError, NoLedgerError, StoreError
from chainlog.format.entry import NO_ID, is_id
from chainlog.format.record import Record, scan
from chainlog.store import durable
from chainlog.store.checkpoints import AHEAD, checkpoint_files, raw_checkpoints_in
from chainlog.store.checkpoints import FOLDER as CHECKPOINTS
from chainlog.store.lock import is_taken
from chainlog.store.raw import RawChain, RawFork, RawSegment
from chainlog.store.segment.conflicts import FOLDER as CONFLICTS
from chainlog.store.segment.conflicts import conflicts_in, format_conflict
from chainlog.store.segment.copies import folders_beside, strays_in
from chainlog.store.segment.files import SEGMENT_NAME, segment_chunks, segments_in
from chainlog.store.segment.offsets import NAME as INDEX_NAME
from chainlog.store.shelf import FORKS_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chainlog.store.raw import RawCheckpoint

CHAINS: Final = "chains"


def raw_folder(folder: Path, *, named: bool = False) -> RawChain:
    """What lies in one chain's folder.

    `named`: it must be named after the chain; under another name no chain is the right one. Raises
    StoreError.
    """
    held = folder.is_dir()
    segments = raw_segments(folder) if held else ()
    if is_id(folder.name):
        chain: bytes | None = bytes.fromhex(folder.name)
    else:
        chain = NO_ID if named else _begins(segments[0])
    return RawChain(
        str(folder),
        chain,
        segments,
        partial(is_taken, folder / "lock"),
        checkpoints=partial(_checkpoints_in, folder / CHECKPOINTS),
        forks=partial(_forks_in, folder, chain),
        astray=strays_in(folder) if held else (),
    )


def raw_segments(folder: Path) -> tuple[RawSegment, ...]:
    """The segments in a chain's folder, in order.

    Of a folder that cannot be read one that raises StoreError when it is read.
    """
    try:
        return tuple(_raw_segment(path, first) for first, path in segments_in(folder))
    except StoreError as error:
        return (RawSegment(folder.name, str(folder), None, partial(_refused, error)),)


def _refused(error: StoreError, start: int, size: int) -> Iterator[bytes]:
    del start, size
    yield from ()
    raise error


def raw_part(path: Path) -> RawChain:
    """A segment that somebody handed over. Raises StoreError."""
    match = SEGMENT_NAME.fullmatch(path.name)
    segment = _raw_segment(path, int(match[1]) if match else None)
    return RawChain(str(path), _begins(segment), (segment,), whole=False)


def raw_folders(ledger: Path, own: bytes | None) -> list[RawChain]:
    """What lies in the folders of a ledger's chains.

    `own`: is looked for even where nothing of it is left. Raises StoreError, OSError.
    """
    chains = ledger / CHAINS
    # What is a copy of a chain's folder by its name is told as that, and accuses nobody.
    beside = folders_beside(chains)
    copies = {one.where for some in beside.values() for one in some}
    folders = (
        {
            folder
            for folder in chains.iterdir()
            if folder.is_dir() and str(folder) not in copies and _is_chain(folder)
        }
        if chains.is_dir()
        else set()
    )
    folders |= {chains / one.hex() for one in (own, *beside) if one is not None}
    found = [raw_folder(folder, named=True) for folder in sorted(folders)]
    return [replace(one, astray=(*one.astray, *beside.get(one.chain or b"", ()))) for one in found]


def names_in(ledger: Path) -> list[bytes]:
    """The chains in a ledger's folder, by names alone: also of what is no folder, and is said so.

    Raises NoLedgerError, StoreError.
    """
    try:
        with os.scandir(ledger / CHAINS) as found:
            names = {one.name.lower() for one in found}
        return sorted(bytes.fromhex(name) for name in names if is_id(name))
    except (FileNotFoundError, NotADirectoryError):
        raise NoLedgerError(
            "no ledger at {ledger}: it has no folder 'chains'",
            ledger=ledger,
            hint="name the folder of another ledger",
        ) from None
    except (OSError, ValueError) as error:
        raise StoreError(
            "{ledger!r} cannot be read: {error}", ledger=str(ledger)[:200], error=error
        ) from None


def make_durable(folder: Path) -> None:
    """Make durable what was read of a chain's folder.

    Of what a power cut takes away nobody is to be accused. Raises OSError, StoreError.
    """
    for _, path in segments_in(folder) if folder.is_dir() else ():
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        try:
            # A medium that takes no writes has nothing to lose.
            with suppress(OSError):
                durable.sync_data(descriptor)
        finally:
            os.close(descriptor)


def _raw_segment(path: Path, first: int | None) -> RawSegment:
    return RawSegment(
        path.name, str(path), first, partial(segment_chunks, path), partial(_state, path)
    )


def _state(path: Path) -> tuple[int, ...]:
    try:
        told = path.stat()
    except OSError:
        return ()
    return told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns


def _is_chain(folder: Path) -> bool:
    """A folder with segments, or with what only a chain with segments leaves behind.

    Not that of a crash before the first entry.
    """
    try:
        return (
            bool(segments_in(folder))
            or (folder / INDEX_NAME).exists()
            or bool(checkpoint_files(folder / CHECKPOINTS))
        )
    except StoreError:
        return True  # whoever reads it says why


def _begins(segment: RawSegment) -> bytes | None:
    """The id of the chain that a segment begins with entry 0 of, as its first record says.

    None where it begins otherwise.
    """
    for found in scan(segment.chunks(0, 2**20)):
        try:
            entry = found[0].parsed if isinstance(found[0], Record) else None
        except EntryError:
            return None
        return entry.id if entry is not None and entry.header.index == 0 else None
    return None


def _checkpoints_in(folder: Path) -> list[RawCheckpoint]:
    return [*raw_checkpoints_in(folder), *raw_checkpoints_in(folder / AHEAD, ahead=True)]


def _forks_in(folder: Path, chain: bytes | None) -> list[RawFork]:
    """The forks that are kept of a chain."""
    kept = conflicts_in(folder, chain) if chain is not None else []
    if len(kept) > FORKS_LIMIT:
        raise StoreError(
            "{folder} holds {count} forks: that is more than anybody met",
            folder=folder,
            count=len(kept),
            hint="look at who put them there",
        )
    paths = [(one.index, folder / CONFLICTS / format_conflict(one)) for one in kept]
    return [
        RawFork(f"{CONFLICTS}/{path.name[:32]}…", index, partial(segment_chunks, path))
        for index, path in paths
    ]
