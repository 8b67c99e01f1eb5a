"""Folders of checkpoints that were made or received, kept for ever (FORMAT.md 9).

One lies with each chain of a ledger that is a folder, and one beside the user's marks.

    <size, 20 digits>-<root, 64 hex>.checkpoint

The text of a chain's checkpoint follows from its size and root, so two of one name have one text:
their signature lines are put together in one file. Two of one size with different roots lie side by
side: together they prove a fork.
"""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from chainlog.errors import LockedError, NoteError, StoreError
from chainlog.format.checkpoint import Checkpoint, parse_checkpoint
from chainlog.format.note import NOTE_LIMIT, Note, format_note, parse_note
from chainlog.store import durable
from chainlog.store.lock import held
from chainlog.store.raw import RawCheckpoint
from chainlog.store.segment.files import chunks_of
from chainlog.store.shelf import joined

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER: Final = "checkpoints"
# Below such a folder: those that went beyond what was held when they were met. Whether their keys
# might sign them, later entries say.
AHEAD: Final = "ahead"
# What is read of a folder that may be anybody's: no site makes so many in twenty years.
FILES_LIMIT: Final = 10_000
FOLDER_LIMIT: Final = 64 * 2**20
_LOCK_SECONDS: Final = 10.0
NAME: Final = re.compile(r"([0-9]{20})-([0-9a-f]{64})\.checkpoint")


def checkpoint_name(checkpoint: Checkpoint) -> str:
    """The name of a checkpoint's file."""
    return f"{checkpoint.size:020d}-{checkpoint.root.hex()}.checkpoint"


def checkpoint_files(folder: Path) -> list[Path]:
    """The files of checkpoints in a folder, by size.

    Raises StoreError where it cannot be read, or holds more than anybody made.
    """
    try:
        found = sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name))
        size = sum(map(_size_of, found[: FILES_LIMIT + 1]))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise StoreError(
            "{folder} cannot be read: {why}", folder=folder, why=error.strerror
        ) from None
    if len(found) > FILES_LIMIT or size > FOLDER_LIMIT:
        raise StoreError(
            "{folder} holds {count} checkpoints of {size} bytes: that is more than any site made",
            folder=folder,
            count=len(found),
            size=size,
            hint="look at who put them there, and keep those that you know",
        )
    return found


def _size_of(path: Path) -> int:
    """How much of a file would be read.

    Of a link that leads nowhere its own size, so that it hides no other. Raises OSError.
    """
    try:
        return min(path.stat().st_size, NOTE_LIMIT + 1)
    except OSError:
        return path.lstat().st_size


def read_checkpoint(path: Path) -> bytes:
    """The bytes of one file, as far as a note may be long, and one more. Raises StoreError."""
    data = bytearray()
    for chunk in chunks_of(path, size=NOTE_LIMIT + 1):
        data += chunk
        if len(data) > NOTE_LIMIT:
            break
    return bytes(data)


def checkpoints_in(folder: Path) -> list[Note]:
    """The checkpoints in a folder, by size; what is none is passed over: `verify` says so.

    Raises StoreError.
    """
    notes = []
    for path in checkpoint_files(folder):
        try:
            note = parse_note(read_checkpoint(path))
            named = path.name == checkpoint_name(parse_checkpoint(note.text))
        except NoteError:
            continue
        if named:
            notes.append(note)
    return notes


def raw_checkpoints_in(folder: Path, *, ahead: bool = False) -> list[RawCheckpoint]:
    """The checkpoints in a folder as they lie, by size.

    One that cannot be read is one all the same. Raises StoreError.
    """
    found = []
    for path in checkpoint_files(folder):
        try:
            data = read_checkpoint(path)
        except StoreError:
            data = b""
        size, _, root = path.stem.partition("-")
        found.append(RawCheckpoint(int(size), root, data, ahead))
    return found


def keep_checkpoint(folder: Path, note: Note, *, first: bool = False) -> Note:
    """Keep a checkpoint durably, together with the signatures of it that are kept already.

    `first`: as for `joined`. Returns all of it. Raises StoreError, NoteError.
    """
    path = folder / checkpoint_name(parse_checkpoint(note.text))
    with keeping(folder), locked(folder):
        kept = _kept(path, note)
        whole = joined(kept, note, first=first)
        if whole != kept:
            durable.replace(path, format_note(whole))
    return whole


@contextmanager
def taken_back(folder: Path, note: Note) -> Iterator[None]:
    """Where this raises, of a checkpoint is kept in a folder what was before, and no more."""
    path = folder / checkpoint_name(parse_checkpoint(note.text))
    kept = read_checkpoint(path) if path.is_file() else None
    try:
        yield
    except BaseException:
        with suppress(OSError):
            if kept is None:
                path.unlink(missing_ok=True)
            else:
                durable.replace(path, kept)
        raise


def put_checkpoint(folder: Path, note: Note) -> None:
    """Put these signatures in the place of those that are kept. Raises StoreError."""
    with keeping(folder):
        durable.replace(folder / checkpoint_name(parse_checkpoint(note.text)), format_note(note))


@contextmanager
def keeping(folder: Path) -> Iterator[None]:
    """Keep a checkpoint in a folder, which is made. Raises StoreError where that cannot be done."""
    with StoreError.from_os("the checkpoint cannot be kept in {folder}: {why}", folder=folder):
        durable.make_folder(folder)
        yield


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep others from writing in a folder meanwhile.

    Of two who add a line at once, the one that comes last would else take the other's away.

    Raises LockedError, OSError.
    """
    busy = LockedError(
        "{folder} is being written by another program", folder=folder, hint="wait until it is done"
    )
    with held(folder / ".lock", _LOCK_SECONDS, busy):
        yield


def _kept(path: Path, note: Note) -> Note | None:
    """What is kept under a name.

    It is nothing where that is damaged, since then the new one is all that is left.
    """
    if not path.exists():
        return None
    try:
        kept = parse_note(read_checkpoint(path))
    except NoteError:
        return None
    return kept if kept.text == note.text else None
