"""Forks that were met, both sides of each, in a chain's `conflicts` folder (FORMAT.md 9).

    <index, 20 digits>-<id of ours, 64 hex>-<id of theirs, 64 hex>.fork

A stream of records as a segment is: first ours at that index, then the other branch from that index
on, as far as it was kept. The name alone says what the conflict is; the content is what proves it.
A file is kept for ever, and replaced only by a longer one.
"""

from __future__ import annotations

import os
import re
import secrets
from typing import TYPE_CHECKING, Final

from chainlog.errors import StoreError
from chainlog.format.record import format_record
from chainlog.store import durable
from chainlog.store.segment.rewrite import cut_bodies, holds_bodies
from chainlog.store.shelf import BRANCH_LIMIT, Conflict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from chainlog.format.record import Record

FOLDER: Final = "conflicts"
_LEFT: Final = re.compile(r"\.[0-9]+-[0-9a-f]{8}\.new")
NAME: Final = re.compile(r"([0-9]{20})-([0-9a-f]{64})-([0-9a-f]{64})\.fork")


def format_conflict(conflict: Conflict) -> str:
    """The name of a conflict's file."""
    return f"{conflict.index:020d}-{conflict.ours.hex()}-{conflict.theirs.hex()}.fork"


def parse_conflict(chain: bytes, name: str) -> Conflict | None:
    """The conflict that a file is named after, None where it is none."""
    match = NAME.fullmatch(name)
    return (
        None
        if match is None
        else Conflict(chain, int(match[1]), bytes.fromhex(match[2]), bytes.fromhex(match[3]))
    )


def conflicts_in(folder: Path, chain: bytes) -> list[Conflict]:
    """The conflicts kept in a chain's folder, in the order of their index. Raises StoreError."""
    try:
        names = sorted(path.name for path in (folder / FOLDER).iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(
            "{folder} cannot be read: {why}", folder=folder / FOLDER, why=error.strerror
        ) from None
    return [conflict for name in names if (conflict := parse_conflict(chain, name)) is not None]


def conflict_path(folder: Path, conflict: Conflict) -> Path:
    """Where both sides of a conflict are kept, below a chain's folder."""
    return folder / FOLDER / format_conflict(conflict)


def cut_conflicts(
    folder: Path, chain: bytes, entries: Sequence[bytes], *, remove: bool
) -> list[Conflict]:
    """The conflicts that hold a body of one of these entries; with `remove`, they did.

    What a conflict that was not kept to its end left beside is removed. Raises StoreError.
    """
    place = folder / FOLDER
    with StoreError.from_os(
        "what was left of a conflict of chain {chain} cannot be removed: {why}",
        chain=chain.hex()[:16],
    ):
        for path in list(place.iterdir()) if place.is_dir() else []:
            if _LEFT.fullmatch(path.name):
                path.unlink(missing_ok=True)
    found = []
    for conflict in conflicts_in(folder, chain):
        path = conflict_path(folder, conflict)
        with StoreError.from_os(
            "{path} cannot be {which}: {why}", path=path, which="written" if remove else "read"
        ):
            if (cut_bodies if remove else holds_bodies)(path, entries):
                found.append(conflict)
    return found


def keep_conflict(folder: Path, conflict: Conflict, ours: Record, theirs: Iterable[Record]) -> bool:
    """Keep both sides of a conflict, durably; keeping it twice is harmless.

    Returns whether the whole of `theirs` was kept.

    Raises StoreError, having left nothing behind.
    """
    place = folder / FOLDER
    path = conflict_path(folder, conflict)
    with StoreError.from_os("the conflict could not be kept in {place}: {why}", place=place):
        durable.make_folder(place)
        with durable.Beside(place / f".{os.getpid()}-{secrets.token_hex(4)}.new") as new:
            new.write(format_record(ours.entry, ours.body))
            whole = _write_branch(new.write, theirs)
            kept = path.is_file() and path.stat().st_size >= new.size
            if not kept:
                new.put(path)
        # Also where it stood before: an attempt may have ended before its name was durable.
        for above in (place, folder, folder.parent):
            durable.sync_folder(above)
        if not kept:
            new.check()
    return whole


def _write_branch(write: Callable[[bytes], object], theirs: Iterable[Record]) -> bool:
    written = 0
    for record in theirs:
        data = format_record(record.entry, record.body)
        if written and written + len(data) > BRANCH_LIMIT:
            return False
        write(data)
        written += len(data)
    return True
