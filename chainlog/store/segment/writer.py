"""The one writer of a chain (FORMAT.md 5).

It takes the lock, recovers the chain from a crash, and appends.

Append: one write, `fdatasync`, acknowledge, then the derived index. Before the write, and again
before it is acknowledged, the segment and the lock must be the files that lie at their paths, and
the segment as long as what was written (`own.py`). After a failed write or sync, or where they are
not, nothing more is written until the chain is opened anew; that is also what recovers it
from a crash (`recovery.py`), and is the same code whether there was one or not:

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

from chainlog.errors import (
    HeadMovedError,
    LockedError,
    NoEntryError,
    ReadOnlyError,
    Sentence,
    UnknownOutcomeError,
)
from chainlog.format.entry import entry_id
from chainlog.format.record import format_record
from chainlog.store import durable
from chainlog.store.engine import EMPTY, Head
from chainlog.store.lock import take
from chainlog.store.segment import rewrite as replacing
from chainlog.store.segment.files import segment_name
from chainlog.store.segment.offsets import NAME as INDEX_NAME
from chainlog.store.segment.offsets import ROW, Offsets
from chainlog.store.segment.own_files import OwnFiles
from chainlog.store.segment.recovery import recover, sync_names
from chainlog.store.segment.rescue import displaced

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from chainlog.store.segment.folder import ChainFolder, Tail
    from chainlog.store.segment.own_files import OpenSegment

LOCK_NAME: Final = "lock"


class Writer:
    """The one writer of a chain, from taking the lock to letting it go."""

    folder: Path
    chain: bytes
    head: Head
    # What was read of the chain to open it; for whoever reads next, None once that is another.
    _view: ChainFolder | None = None

    def __init__(
        self,
        folder: Path,
        chain: bytes,
        mark: Callable[[bytes], Head | None],
        segment_limit: int,
        lock_seconds: float,
        *,
        believed: bool = True,
    ) -> None:
        """Raises LockedError where another held the lock for so many seconds.

        `believed`: whether the index may be, as far as the mark goes.

        Raises ReadOnlyError where nothing may be built on what is there.
        """
        self.folder, self.chain = folder, chain
        self.head = EMPTY
        self._segment_limit = segment_limit
        self._failed: str | None = None
        self._index = -1
        busy = LockedError(
            "another program is writing this chain ({folder})",
            folder=folder,
            hint="close the other chainlog, or wait until it is done",
        )
        hint = "keep the ledger on a local disk"
        self._lock = take(folder / LOCK_NAME, lock_seconds, busy, hint, ReadOnlyError)
        self._files = OwnFiles(folder, self._lock)
        try:
            self._recover(mark(chain), believed=believed)
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
        self.confirm()
        # Whatever ends this early, an interrupt too, leaves it unknown what is there.
        self._failed = "it was interrupted"
        try:
            segment = self._rolled(len(data))
            durable.write_all(segment.descriptor, data)
            durable.sync_data(segment.descriptor)
        except OSError as error:
            self._failed = str(error.strerror)
            raise _unknown(self.folder, error) from None
        rows = bytearray()
        last_id, end = self.head.id, segment.own.size or 0
        for (entry, _), part in zip(records, parts, strict=True):
            last_id = entry_id(entry)
            rows += end.to_bytes(8) + last_id
            end += len(part)
        segment.own.size = end
        head = Head(self.head.size + len(records), last_id)
        self._confirm(
            head,
            Sentence(
                "what was written, up to entry {last}, is not acknowledged", last=head.size - 1
            ),
        )
        self.head = head
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
            raise NoEntryError(
                "no entry {outside}: the chain has {size}", outside=outside[0], size=self.head.size
            )
        if not bodies:
            return
        self.confirm()
        self._failed = "it was interrupted"
        try:
            fits = replacing.replace_bodies(self.folder, self.chain, self.head.size, bodies)
            self._reopen(index=fits)
        except OSError as error:
            self._failed = str(error.strerror)
            raise _unknown(self.folder, error, "bodies were replaced") from None
        self._confirm(self.head, Sentence("that bodies were replaced is not acknowledged"))
        self._failed = None

    def confirm(self) -> None:
        """Make sure that nobody moved, changed or locked the chain's files since they were opened.

        Raises UnknownOutcomeError, having written nothing; and nothing more is written.
        """
        self._check_failed()
        self._confirm(self.head, Sentence("nothing was written"))

    def _confirm(self, ends: Head, did: Sentence) -> None:
        """Asked before anything is acknowledged. `ends`, `did`: as for `displaced`."""
        try:
            self._files.check()
        except OSError as error:
            self._failed = error.strerror
            raise displaced(
                self.folder, self.chain, self._files.segment, error, ends, did
            ) from None

    def take_view(self) -> ChainFolder | None:
        """What was read to open the chain, which is from now on the caller's to close."""
        view, self._view = self._view, None
        return view

    def _reopen(self, *, index: bool) -> None:
        """Write on in the files that took the place of those that were open."""
        path = self._files.segment.own.path
        self._files.open(path, path.stat().st_size)
        self._drop_index()
        if index:
            self._open_index(self.head.size)

    def _check(self, expected: Head) -> None:
        self._check_failed()
        if expected != self.head:
            raise HeadMovedError(
                "the chain has {size} entries, not {size2} as expected",
                size=self.head.size,
                size2=expected.size,
            )

    def _check_failed(self) -> None:
        if self._failed is not None:
            raise UnknownOutcomeError(
                "an earlier write failed: {failed}",
                failed=self._failed,
                hint="open the ledger again and read it back",
            )

    def close(self) -> None:
        """Let go of the lock and the files."""
        view = self.take_view()
        if view is not None:
            view.close()
        self._files.close()
        self._drop_index()
        self._lock.release()

    # Opening

    def _recover(self, mark: Head | None, *, believed: bool) -> None:
        found = recover(self.folder, self.chain, mark, believed=believed)
        view = found.view
        try:
            self.head = found.head
            self._open_last(view, found.head, found.tail)
            sync_names(view, found.known)
            self._save_index(view.index, found.head.size)
            if found.anew and self._index >= 0:
                replacing.settle(self.folder)
        except BaseException:
            view.close()
            raise
        if view.head == found.head and found.tail is None:
            view.renew()
            self._view = view
        else:
            view.close()

    def _open_last(self, view: ChainFolder, head: Head, tail: Tail | None) -> None:
        if view.segments:
            path, end = view.segments[-1][1], view.end if tail is None else tail.start
        else:
            path, end = self.folder / segment_name(head.size), 0
            durable.create(path)
        # What was read to open it must be what lies there still.
        self._files.open(path, end).own.check()

    def _rolled(self, size: int) -> OpenSegment:
        """The segment to write in: a new one where the last would grow over its limit."""
        segment = self._files.segment
        if not segment.own.size or segment.own.size + size <= self._segment_limit:
            return segment
        path = self.folder / segment_name(self.head.size)
        durable.create(path)
        return self._files.open(path, 0)

    # The derived index: whatever fails here has no bearing on what was acknowledged.

    def _save_index(self, index: Offsets, size: int) -> None:
        path = self.folder / INDEX_NAME
        try:
            if index.stored < index.rows or (index.stored == 0 and path.exists()):
                # Made anew, in one step: its number of rows is a mark, and is never lower than it
                # was.
                durable.replace(path, index.all_rows(size))
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


def _unknown(folder: Path, error: OSError, what: str = "the entry is kept") -> UnknownOutcomeError:
    make_room = (
        "make room on the disk, then " if error.errno in {errno.ENOSPC, errno.EDQUOT} else ""
    )
    message = Sentence(
        "{folder}: the write failed: {why}; whether {what} is not known",
        folder=folder,
        why=error.strerror,
        what=what,
    )
    return UnknownOutcomeError(
        message,
        make_room=make_room,
        hint="{make_room}run 'chainlog status': it reads back what is there",
    )
