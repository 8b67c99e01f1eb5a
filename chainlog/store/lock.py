"""Locks: one at a time, by an advisory lock of the operating system on an empty file.

A lock is its holder's, not the thread's that took it: another may give it back. One that ends
without giving it back loses it. It is on the file, not on its name: whoever removes or replaces the
file lets a second holder in. So the file that was locked must be the one at the path, when the lock
is taken, and again before anything that it guards is acknowledged (`Lock.check`).
"""

from __future__ import annotations

import errno
import os
import stat
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from chainlog.errors import StoreError
from chainlog.store.own import Own

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chainlog.errors import LockedError

_FLAGS: Final = (
    os.O_RDWR
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
_NO_LOCKS: Final = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK}
_POLL_SECONDS: Final = 0.01


class Lock:
    """A lock that is held, until it is released."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._descriptor = descriptor
        self._own = Own(path, os.fstat(descriptor))

    def check(self) -> None:
        """Raises OSError (ESTALE) where another may hold it too: its file went from the path."""
        self._own.check()

    def is_there(self) -> bool:
        """Whether the file that is locked is the one at the path."""
        return self._own.is_there()

    def release(self) -> None:
        """Let go of it; twice is harmless."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            # To close is to unlock; a child of this process that has it open lets go of nothing.
            with suppress(OSError):
                os.close(descriptor)


def take(
    path: Path,
    seconds: float,
    busy: LockedError,
    hint: str | None = None,
    error: type[StoreError] = StoreError,
) -> Lock:
    """The lock on a file, waited for as long as that; the file is made where there is none.

    Raises `busy` where another has it, OSError, and an `error` where the file system has no locks,
    with a `hint` at what to do; without one, nothing better can be done there, and it goes on.
    """
    deadline = time.monotonic() + seconds
    while True:
        descriptor = os.open(path, _FLAGS | os.O_CREAT, 0o666)
        try:
            taken = _taken(path, descriptor, hint, error)
        except BaseException:
            os.close(descriptor)
            raise
        if taken is not None:
            return taken
        os.close(descriptor)
        if time.monotonic() >= deadline:
            raise busy
        time.sleep(_POLL_SECONDS)


def _taken(path: Path, descriptor: int, hint: str | None, error: type[StoreError]) -> Lock | None:
    """The lock on an open file, None where another has it, or the file went from its path."""
    try:
        free = _lock(descriptor)
    except OSError as why:
        if why.errno not in _NO_LOCKS:
            raise
        if hint is not None:
            raise error(
                "{folder}: this file system has no locks: {error}",
                folder=path.parent,
                error=why.strerror,
                hint=hint,
            ) from None
        free = True
    lock = Lock(path, descriptor)
    return lock if free and lock.is_there() else None


def _lock(descriptor: int) -> bool:
    """Whether an open file is locked now by this process. Raises OSError."""
    from filelock import lock_descriptor  # noqa: PLC0415  (slow to load)

    return lock_descriptor(descriptor, blocking=False)


@contextmanager
def held(path: Path, seconds: float, busy: LockedError, hint: str | None = None) -> Iterator[None]:
    """Hold the lock on a file meanwhile. Raises what `take` does, and OSError where it was lost.

    What was done under a lock that others may have had too is not done.
    """
    lock = take(path, seconds, busy, hint)
    try:
        yield
        lock.check()
    finally:
        lock.release()


def is_taken(path: Path) -> bool:
    """Whether another holds the lock on a file; nothing is written where there is none.

    False too for a lock that cannot be asked for, as on a medium that cannot be written.
    """
    descriptor = -1
    try:
        descriptor = os.open(path, _FLAGS)
        return stat.S_ISREG(os.fstat(descriptor).st_mode) and not _lock(descriptor)
    except OSError:
        return False
    finally:
        if descriptor >= 0:
            os.close(descriptor)
