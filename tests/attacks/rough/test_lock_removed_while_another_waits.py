"""The lock file is removed and made anew while somebody waits for it: who then gets the lock on the
removed file holds nothing.
"""

from __future__ import annotations

import threading

import pytest

from chainlog.errors import LockedError
from chainlog.store.lock import is_taken, take

BUSY = LockedError("busy")


def test_whoever_waited_holds_the_lock_on_the_file_that_is_there(tmp_path):
    path = tmp_path / "lock"
    first, got = take(path, 0, BUSY), []
    waiting = threading.Thread(target=lambda: got.append(take(path, 10, BUSY)))
    waiting.start()
    path.unlink()
    path.touch()
    waiting.join(10)
    (second,) = got
    second.check()
    with pytest.raises(OSError, match="another file was put in its place"):
        first.check()
    with pytest.raises(LockedError):
        take(path, 0, BUSY)
    first.release()
    assert is_taken(path)
    second.release()
    assert not is_taken(path)


def test_what_was_locked_between_opening_and_locking_is_looked_at_again(tmp_path, monkeypatch):
    """The file goes just before it is locked, once; the second look takes the new one."""
    path = tmp_path / "lock"
    from chainlog.store import lock  # noqa: PLC0415

    real, strikes = lock._lock, [path.unlink]

    def struck(descriptor):
        while strikes:
            strikes.pop()()
        return real(descriptor)

    monkeypatch.setattr(lock, "_lock", struck)
    held = take(path, 1, BUSY)
    held.check()
    assert is_taken(path)
    held.release()


def test_a_child_that_ends_lets_go_of_nothing(tmp_path):
    """The twin: a lock is its holder's, whoever inherited the open file."""
    import multiprocessing  # noqa: PLC0415

    path = tmp_path / "lock"
    held = take(path, 0, BUSY)
    child = multiprocessing.get_context("fork").Process(target=held.release)
    child.start()
    child.join(30)
    assert is_taken(path)
    held.check()
    held.release()
