"""Locks: one at a time, by an advisory lock of the operating system on an empty file.

A lock is its holder's, not the thread's that took it: another may give it back. One that ends
without giving it back loses it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from chainlog.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from filelock import BaseFileLock

    from chainlog.errors import LockedError


def take(
    path: Path,
    seconds: float,
    busy: LockedError,
    hint: str | None = None,
    error: type[StoreError] = StoreError,
) -> BaseFileLock:
    """The lock on a file, waited for as long as that.

    Raises `busy` where another has it, OSError, and an `error` where the file system has no locks,
    with a `hint` at what to do; without one, nothing better can be done there, and it goes on.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415  (slow to load)

    # A new one each time: one object lets the same process in twice.
    lock = FileLock(path, thread_local=False)
    try:
        lock.acquire(timeout=seconds, poll_interval=0.01)
    except Timeout:
        raise busy from None
    except NotImplementedError as why:
        if hint is not None:
            raise error(
                "{folder}: this file system has no locks: {error}",
                folder=path.parent,
                error=why,
                hint=hint,
            ) from None
    return lock


@contextmanager
def held(path: Path, seconds: float, busy: LockedError, hint: str | None = None) -> Iterator[None]:
    """Hold the lock on a file meanwhile. Raises what `take` does."""
    lock = take(path, seconds, busy, hint)
    try:
        yield
    finally:
        lock.release()


def is_taken(path: Path) -> bool:
    """Whether another holds the lock on a file; nothing is written where there is none.

    False too for a lock that cannot be asked for, as on a medium that cannot be written.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415  (as above)

    # Older versions of the library empty what a link leads to.
    if path.is_symlink() or not path.is_file():
        return False
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return True
    except (OSError, NotImplementedError):
        return False
    lock.release()
    return False
