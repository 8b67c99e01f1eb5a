"""The files that the writer of a chain stands on: its own still, or nothing is acknowledged.

They are the segment that is open, the sealed ones before it, and the lock. The sealed ones are
looked at only where the folder changed since: whoever renames, removes or adds a file changes it.
"""

from __future__ import annotations

import errno
import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from chainlog.errors import Sentence, StoreError
from chainlog.store.own import Own
from chainlog.store.segment.files import segments_in

if TYPE_CHECKING:
    from pathlib import Path

    from chainlog.store.lock import Lock

_APPEND: Final = os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
# A folder that changed so short a time ago may change again within one tick of its clock: FAT's has
# two seconds.
_SETTLED_NS: Final = 2_500_000_000


class OpenSegment(NamedTuple):
    """The last segment of a chain, open for reading and appending, as it should lie."""

    descriptor: int
    own: Own


class OwnFiles:
    """From opening a chain for writing until it is let go of."""

    segment: OpenSegment

    def __init__(self, folder: Path, lock: Lock) -> None:
        self._folder, self._lock = folder, lock
        self._sealed: list[Own] = []
        # The folder as it was when the sealed ones were last looked at.
        self._looked: tuple[int, ...] = ()

    def open(self, path: Path, end: int) -> OpenSegment:
        """Write on in a file, which ends at `end`; all others are sealed. Raises OSError."""
        descriptor = os.open(path, _APPEND)
        self.close()
        self.segment = OpenSegment(descriptor, Own(path, os.fstat(descriptor), end))
        self._sealed = [_lying(one) for _, one in segments_in(self._folder) if one != path]
        self._looked = ()
        return self.segment

    def check(self) -> None:
        """Three system calls, where nothing changed. Raises OSError (ESTALE) that says what did."""
        failed: OSError | None = None
        # That the lock was lost says most, unless the segment went with it.
        for check in (self.segment.own.check, self._check_sealed, self._lock.check):
            try:
                check()
            except OSError as error:
                if failed is None or self.segment.own.is_there():
                    failed = error
        if failed is not None:
            raise failed

    def _check_sealed(self) -> None:
        try:
            told = self._folder.stat()
            state = (told.st_dev, told.st_ino, told.st_mtime_ns)
            if state == self._looked:
                return
            segments = segments_in(self._folder)
        except (OSError, StoreError):
            return  # what is asked of the segment that is open says why
        own = {one.path for one in (*self._sealed, self.segment.own)}
        for one in self._sealed:
            one.check()
        for _, path in segments:
            if path not in own:
                why = Sentence("another program put it beside the segment that is written")
                raise OSError(errno.ESTALE, why, str(path))
        if time.time_ns() - told.st_mtime_ns > _SETTLED_NS:
            self._looked = state

    def close(self) -> None:
        """Let go of the segment, all of which is synced: that closing failed then says nothing."""
        if hasattr(self, "segment"):
            with suppress(OSError):
                os.close(self.segment.descriptor)
            del self.segment


def _lying(path: Path) -> Own:
    told = path.stat()
    return Own(path, told, told.st_size, closed=True)
