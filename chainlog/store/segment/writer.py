"""The one writer of a chain (FORMAT.md 5).

It takes the lock, recovers the chain from a crash, and appends.

Append: one write, `fdatasync`, acknowledge, then the derived index. After a failed write or sync
nothing more is written until the chain is opened anew; opening for writing is also what recovers
from a crash, and is the same code whether there was one or not:

1. take the lock;
2. drop what a replacement left that did not finish, and read the chain's end; drop from it what
   does not verify;
3. refuse, if the chain is shorter than any mark says was acknowledged;
4. set bytes after the last record aside in `lost+found`, if they lie above every mark;
5. write records above every mark over themselves, and sync: they may be there only in the system's
   memory.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from filelock import FileLock, Timeout

from chainlog.errors import (
    BehindMarkError,
    BodyError,
    EntryError,
    HeadMovedError,
    LockedError,
    NoEntryError,
    ReadOnlyError,
    UnknownOutcomeError,
    VersionError,
)
from chainlog.format.body import open_body
from chainlog.format.entry import NO_ID, Entry, entry_id, parse_entry
from chainlog.format.keys import is_reserved, signature_holds
from chainlog.format.record import Record, format_record, scan
from chainlog.store import durable
from chainlog.store.engine import EMPTY, Head
from chainlog.store.segment import rewrite as replacing
from chainlog.store.segment.folder import ChainFolder, Tail, chunks_of, segment_name, segments_in
from chainlog.store.segment.offsets import NAME as INDEX_NAME
from chainlog.store.segment.offsets import ROW, Index

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

LOCK_NAME: Final = "lock"
# Where there is no index, so many of the last records below a mark, or of all where there is none,
# are checked whole.
_UNINDEXED_CHECKED: Final = 256
_APPEND: Final = (
    os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
)


class Writer:
    """The one writer of a chain, from taking the lock to letting it go."""

    def __init__(
        self,
        folder: Path,
        chain: bytes,
        mark: Callable[[bytes], Head | None],
        segment_limit: int,
        lock_seconds: float,
    ) -> None:
        """Raises LockedError where another held the lock for so many seconds.

        Raises ReadOnlyError where nothing may be built on what is there.
        """
        self.folder, self.chain = folder, chain
        self.head = EMPTY
        self._segment_limit = segment_limit
        self._failed: str | None = None
        self._segment = self._index = -1
        # Of this writer, not of the thread that opened it: another may close it.
        self._lock = FileLock(folder / LOCK_NAME, thread_local=False)
        try:
            self._lock.acquire(timeout=lock_seconds)
        except Timeout:
            hint = "close the other chainlog, or wait until it is done"
            raise LockedError(
                f"another program is writing this chain ({folder})", hint=hint
            ) from None
        except NotImplementedError as error:
            raise ReadOnlyError(
                f"{folder}: this file system has no locks: {error}",
                hint="keep the ledger on a local disk",
            ) from None
        try:
            self._recover(mark(chain))
        except BaseException:
            self.close()
            raise

    def append(self, expected: Head, records: Sequence[tuple[bytes, bytes]]) -> Head:
        """Append records; durable when it returns."""
        self._check(expected)
        if not records:
            return self.head
        parts = [format_record(entry, body) for entry, body in records]
        data = b"".join(parts)
        # Whatever ends this early, an interrupt too, leaves it unknown what is there.
        self._failed = "it was interrupted"
        try:
            self._roll(len(data))
            durable.write_all(self._segment, data)
            durable.sync_data(self._segment)
        except OSError as error:
            self._failed = str(error.strerror)
            raise _unknown(self.folder, error) from None
        rows = bytearray()
        last_id = self.head.id
        for (entry, _), part in zip(records, parts, strict=True):
            last_id = entry_id(entry)
            rows += self._end.to_bytes(8) + last_id
            self._end += len(part)
        self.head = Head(self.head.size + len(records), last_id)
        self._extend_index(rows)
        self._failed = None
        return self.head

    def replace(self, expected: Head, bodies: Mapping[int, bytes]) -> None:
        """Give entries other bodies; durable when it returns.

        As with an append, a failure leaves it unknown how far it came.
        """
        self._check(expected)
        outside = [index for index in bodies if not 0 <= index < self.head.size]
        if outside:
            raise NoEntryError(f"no entry {outside[0]}: the chain has {self.head.size}")
        if not bodies:
            return
        self._failed = "it was interrupted"
        try:
            fits = replacing.replace_bodies(self.folder, self.chain, self.head.size, bodies)
            self._reopen(index=fits)
        except OSError as error:
            self._failed = str(error.strerror)
            raise _unknown(self.folder, error, "bodies were replaced") from None
        self._failed = None

    def _reopen(self, *, index: bool) -> None:
        """Write on in the files that took the place of those that were open."""
        path = segments_in(self.folder)[-1][1]
        before, self._segment = self._segment, -1
        _close(before)
        self._segment = os.open(path, _APPEND)
        self._end = os.fstat(self._segment).st_size
        self._drop_index()
        if index:
            self._open_index(self.head.size)

    def _check(self, expected: Head) -> None:
        if self._failed is not None:
            raise UnknownOutcomeError(
                f"an earlier write failed: {self._failed}",
                hint="open the ledger again and read it back",
            )
        if expected != self.head:
            raise HeadMovedError(
                f"the chain has {self.head.size} entries, not {expected.size} as expected"
            )

    def close(self) -> None:
        """Let go of the lock and the files."""
        descriptors = (self._segment, self._index)
        self._segment = self._index = -1
        for descriptor in descriptors:
            if descriptor >= 0:
                _close(descriptor)
        with suppress(OSError):
            self._lock.release()

    # Opening

    def _recover(self, mark: Head | None) -> None:
        # 2. drop leftovers; read the chain's end; drop from it what does not verify
        view, anew = self._look()
        try:
            known = max(view.mark, mark.size if mark else 0)
            if (
                mark is not None
                and 0 < mark.size <= view.head.size
                and view.index.row(mark.size - 1)[1] != mark.id
            ):
                view.read_anew()  # it may be the index that is wrong
            head, tail = _verifying(view, known)
            # 3. refuse, if the chain is shorter than any mark says
            if mark is not None:
                self._check_mark(view, head, mark)
            if head.size < view.mark:
                message = (
                    f"{self.folder}: {view.mark} entries were acknowledged, and only "
                    f"{head.size} can be read"
                )
                raise ReadOnlyError(
                    message,
                    hint="run 'chainlog verify'; bring back a newer copy if this is an old one",
                )
            # 4. set bytes after the last record aside
            if tail is not None:
                self._set_aside(tail, marked=known > 0)
            # 5. write records above every mark anew
            self._rewrite(view, known, head, tail)
            self.head = head
            self._open_last(view, head, tail)
            self._sync_names(view, known)
            self._save_index(view.index, head.size)
            if anew and self._index >= 0:
                replacing.settle(self.folder)
        finally:
            view.close()

    def _look(self) -> tuple[ChainFolder, bool]:
        """The chain as it is, and whether all of it was read.

        All of it is read where a replacement that did not finish left the index in doubt. Where the
        chain then proves damaged, which is for the verifier to say, the index is believed as far as
        it goes, and stays in doubt.
        """
        doubtful = replacing.drop_leftovers(self.folder)
        view = ChainFolder(self.folder, self.chain)
        if not doubtful:
            return view, False
        view.read_anew()
        if view.head.size >= view.mark:
            return view, True
        view.close()
        return ChainFolder(self.folder, self.chain), False

    def _check_mark(self, view: ChainFolder, head: Head, mark: Head) -> None:
        hint = (
            "'chainlog sync' from whoever holds more of it, bring back the newer copy, or "
            "begin a new chain: 'chainlog init --continues'"
        )
        if head.size < mark.size:
            message = (
                f"{self.folder}: the chain ends with {head.size} entries, but {mark.size} "
                "were acknowledged here: this is an older copy"
            )
            raise BehindMarkError(message, hint=hint)
        if mark.size and view.index.row(mark.size - 1)[1] != mark.id:
            message = (
                f"{self.folder}: entry {mark.size - 1} is not the one that was acknowledged "
                "here: this is another copy"
            )
            raise BehindMarkError(message, hint=hint)

    def _set_aside(self, tail: Tail, *, marked: bool) -> None:
        where = f"{tail.path}, from byte {tail.start}"
        if not tail.last or (not marked and tail.torn is None):
            raise ReadOnlyError(
                f"{where}: what stands there is no entry of this chain; nothing was touched",
                hint="run 'chainlog verify'",
            )
        if self._holds_more(tail):
            message = (
                f"{where}: nothing can be read there, but an entry of this chain follows; "
                "nothing was touched"
            )
            raise ReadOnlyError(message, hint="run 'chainlog verify', and bring back a whole copy")
        folder = self.folder / "lost+found"
        number = 0
        while (aside := folder / f"{tail.path.stem}-{tail.start}-{number}").exists():
            number += 1
        durable.set_aside(tail.path, tail.start, aside)

    def _holds_more(self, tail: Tail) -> bool:
        """Whether an entry of this chain that verifies stands in these bytes.

        One that a later version may verify counts too. Only bytes after the last verifying record
        may be set aside: one that follows damage may have been acknowledged.
        """
        for found in scan(chunks_of(tail.path, tail.start), self.chain, tail.start):
            for record in found:
                if not isinstance(record, Record):
                    continue
                try:
                    entry = parse_entry(record.entry)
                except VersionError:
                    return True
                except EntryError:
                    continue
                if entry.chain == self.chain and (
                    is_reserved(entry.header.author) or _holds(entry, record.body)
                ):
                    return True
        return False

    def _rewrite(self, view: ChainFolder, known: int, head: Head, tail: Tail | None) -> None:
        if head.size <= known:
            return
        place = view.segment_of(known)
        start = view.index.row(known)[0]
        for _, path in view.segments[place:]:
            stop = tail.start if tail is not None and tail.path == path else path.stat().st_size
            durable.rewrite(path, start, stop)
            start = 0

    def _open_last(self, view: ChainFolder, head: Head, tail: Tail | None) -> None:
        if view.segments:
            path = view.segments[-1][1]
            self._end = tail.start if tail is not None else path.stat().st_size
        else:
            path = self.folder / segment_name(head.size)
            durable.create(path)
            self._end = 0
        self._segment = os.open(path, _APPEND)

    def _sync_names(self, view: ChainFolder, known: int) -> None:
        """Nobody was told of the last segment, or of the chain, while there is no mark within.

        Its name may not be durable yet.
        """
        if view.segments and known <= view.firsts[-1]:
            durable.sync_folder(self.folder)
        if known == 0:
            durable.sync_folder(self.folder.parent)
            durable.sync_folder(self.folder.parent.parent)

    def _roll(self, size: int) -> None:
        """Begin a new segment where the last one would grow over its limit."""
        if self._end == 0 or self._end + size <= self._segment_limit:
            return
        path = self.folder / segment_name(self.head.size)
        durable.create(path)
        full, self._segment = self._segment, -1
        _close(full)
        self._segment = os.open(path, _APPEND)
        self._end = 0

    # The derived index: whatever fails here has no bearing on what was acknowledged.

    def _save_index(self, index: Index, size: int) -> None:
        path = self.folder / INDEX_NAME
        try:
            if index.stored == 0 and path.exists():
                # Made anew, in one step: its number of rows is a mark, and is never lower than it
                # was.
                durable.replace(path, bytes(index.added[: size * ROW]))
                self._open_index(size)
                return
            self._open_index(index.stored)
        except OSError:
            self._drop_index()
        self._extend_index(index.added[: (size - index.stored) * ROW])

    def _open_index(self, rows: int) -> None:
        """To go on after so many rows."""
        self._index = os.open(
            self.folder / INDEX_NAME, os.O_WRONLY | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644
        )
        # A reader knows by the time of the file that nothing changed.
        if os.fstat(self._index).st_size != rows * ROW:
            os.ftruncate(self._index, rows * ROW)
        os.lseek(self._index, 0, os.SEEK_END)

    def _extend_index(self, rows: bytes | bytearray) -> None:
        if self._index < 0 or not rows:
            return
        try:
            durable.write_all(self._index, bytes(rows))
        except OSError:
            self._drop_index()

    def _drop_index(self) -> None:
        """Write no more rows: with one missing, those after it would be wrong.

        The next opening adds what is missing.
        """
        index, self._index = self._index, -1
        if index >= 0:
            _close(index)


def _close(descriptor: int) -> None:
    """Close a file all of which is synced, or which is derived.

    That closing failed then says nothing.
    """
    with suppress(OSError):
        os.close(descriptor)


def _verifying(view: ChainFolder, known: int) -> tuple[Head, Tail | None]:
    """The head after the last record that verifies (steps 3, 4 and 6), and what stands after it.

    Records in the index are taken.
    """
    size = view.head.size
    start = known
    if not view.index.stored:
        # What is below a mark was checked when it was written, but whether this is still it, only
        # the index says.
        start = max(0, (min(known, size) if known else size) - _UNINDEXED_CHECKED)
    last_id = view.index.row(start - 1)[1] if 0 < start <= size else NO_ID
    for index, record in enumerate(view.read(start, size), start):
        entry = parse_entry(record.entry)
        if not _holds(entry, record.body):
            place = view.segment_of(index)
            return Head(index, last_id), Tail(
                view.segments[place][1], record.start, None, last=place == len(view.segments) - 1
            )
        last_id = entry.id
    return view.head, view.tail


def _holds(entry: Entry, body: bytes) -> bool:
    if not signature_holds(entry.header.author, entry.signature, entry.signed):
        return False
    try:
        return not body or open_body(body, entry.header.body) is not None
    except BodyError:
        return False


def _unknown(folder: Path, error: OSError, what: str = "the entry is kept") -> UnknownOutcomeError:
    make_room = (
        "make room on the disk, then " if error.errno in {errno.ENOSPC, errno.EDQUOT} else ""
    )
    message = f"{folder}: the write failed: {error.strerror}; whether {what} is not known"
    return UnknownOutcomeError(
        message, hint=f"{make_room}run 'chainlog status': it reads back what is there"
    )
