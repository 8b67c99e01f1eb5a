r"""Turns: of all the copies of a chain, one is written at a time from here, and which it was.

    HOME/copies/<chain, 64 hex>

    chainlog copies 1 <. or !>\n
    ["<the ledger's folder>", <device>, <inode of the chain's folder>]\n

A line for each copy that was written from here, the last one first. The file is locked from before
the mark is compared until the entry was acknowledged and the mark is written: two copies under one
key take turns, and the one that is behind sees that it is. `!`: what was being written in the first
copy is not marked yet. Where that was interrupted an entry may be kept there that no other copy
has, so no other is written before it was compared with that one. The file is not synced: after a
power cut it may be an older one, as a mark may.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shlex
import stat
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from chainlog.errors import LockedError, StoreError
from chainlog.ledger.state import way_out
from chainlog.store.segment.files import chunks_of

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

_HEAD: Final = re.compile(rb"chainlog copies 1 ([.!])\n")
_SIGN_AT: Final = len("chainlog copies 1 ")
_SIZE_LIMIT: Final = 256 * 1024
_COPIES_KEPT: Final = 16
_OF_NO_USE: Final = "it is of no use: rm -r {quoted}"
_SECONDS: Final = 10.0
_PAUSE: Final = 0.01
_FLAGS: Final = (
    os.O_RDWR
    | os.O_CREAT
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)
)


class Copy(NamedTuple):
    """A copy of a chain: the ledger's folder, and which folder is the chain's there."""

    folder: str
    device: int
    inode: int

    @classmethod
    def at(cls, folder: str, chain_folder: Path) -> Copy:
        """The copy in a ledger's folder, whose chain lies in `chain_folder`."""
        try:
            told = chain_folder.stat()
        except OSError:
            return cls(os.path.realpath(folder), 0, 0)
        return cls(os.path.realpath(folder), told.st_dev, told.st_ino)


def parse_copies(data: bytes) -> tuple[list[Copy], bool]:
    """The copies, and whether the first one's writing was not finished; nothing of what is none."""
    head, found = _HEAD.match(data), list[Copy]()
    if head is None:
        return [], False
    for line in data[head.end() :].splitlines():
        with suppress(ValueError, TypeError):
            folder, device, inode = json.loads(line)
            found.append(Copy(str(folder), int(device), int(inode)))
    return found, bool(found) and head[1] == b"!"


def format_copies(copies: list[Copy], *, unfinished: bool) -> bytes:
    """The bytes of the file."""
    lines = "".join(f"{json.dumps(list(one))}\n" for one in copies)
    return f"chainlog copies 1 {'!' if unfinished else '.'}\n{lines}".encode()


def copies_of(path: Path) -> tuple[list[Copy], bool]:
    """The same of a file; of one that is not there, or cannot be read, nothing."""
    try:
        return parse_copies(next(chunks_of(path, size=_SIZE_LIMIT), b""))
    except StoreError:
        return [], False


class Turn:
    """A turn at a chain. `copies`: those that were written, the last one first; see above."""

    copies: list[Copy]
    unfinished: bool

    def __init__(self, descriptor: int, path: Path, home: Path) -> None:
        self._descriptor, self._path, self._home = descriptor, path, home
        # A file of ours that a disk does not give may say that another copy is ahead: it stays.
        hint = _OF_NO_USE if path.is_symlink() else way_out(home)
        with StoreError.from_os(
            "{path} cannot be read: {why}", path=path, hint=hint, quoted=_quoted(path)
        ):
            self.copies, self.unfinished = parse_copies(os.pread(descriptor, _SIZE_LIMIT, 0))

    def begin(self, copy: Copy) -> None:
        """From now on something is being written in a copy. Raises StoreError."""
        self._sign(copy, unfinished=True)

    def done(self, copy: Copy) -> None:
        """All that was written there is marked. Raises StoreError."""
        self._sign(copy, unfinished=False)

    def add(self, copy: Copy) -> None:
        """A copy that took what was written elsewhere is one of them. Raises StoreError."""
        if copy not in self.copies:
            self._keep([*self.copies[:1], copy, *self.copies[1:]], unfinished=self.unfinished)

    def forget(self) -> None:
        """What was being written in the first copy is known now, or lost. Raises StoreError."""
        if self.copies and self.unfinished:
            self._sign(self.copies[0], unfinished=False)

    def _sign(self, copy: Copy, *, unfinished: bool) -> None:
        if self.copies[:1] == [copy]:
            if unfinished != self.unfinished:
                with _writing(self._path, self._home):
                    write_at(self._descriptor, b"!" if unfinished else b".", _SIGN_AT)
        else:
            self._keep([copy, *(one for one in self.copies if one != copy)], unfinished=unfinished)
        self.unfinished = unfinished

    def _keep(self, copies: list[Copy], *, unfinished: bool) -> None:
        self.copies = copies[:_COPIES_KEPT]
        data = format_copies(self.copies, unfinished=unfinished)
        with _writing(self._path, self._home):
            write_at(self._descriptor, data, 0)
            os.ftruncate(self._descriptor, len(data))


@contextmanager
def turn_at(path: Path, home: Path) -> Iterator[Turn]:
    """The turn at the chain whose file that is, waited for. Raises LockedError, StoreError."""
    descriptor = _open(path, home)
    try:
        _lock(descriptor, path)
        try:
            yield Turn(descriptor, path, home)
        finally:
            _unlock(descriptor)
    finally:
        _close(descriptor)


def _open(path: Path, home: Path) -> int:
    """The file, made where it is not there; a pipe or a device is none, and is not waited for."""
    with _writing(path, home):
        try:
            descriptor = os.open(path, _FLAGS, 0o644)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, _FLAGS, 0o644)
        except OSError:
            if os.path.lexists(path) and not path.is_file():
                raise _no_file(path) from None
            raise
        is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
    if not is_file:
        _close(descriptor)
        raise _no_file(path)
    return descriptor


def _close(descriptor: int) -> None:
    """It is not synced, so a failure to close loses no more than a power cut would."""
    with suppress(OSError):
        os.close(descriptor)


def _writing(path: Path, home: Path) -> AbstractContextManager[None]:
    return StoreError.from_os("{path} cannot be written: {why}", path=path, hint=way_out(home))


def _no_file(path: Path) -> StoreError:
    return StoreError("{path} is no file", path=path, hint=_OF_NO_USE, quoted=_quoted(path))


def _quoted(path: Path) -> str:
    return shlex.quote(str(path.absolute()))


def _lock(descriptor: int, path: Path) -> None:
    """Where the file system has no locks, nothing better can be done, and it goes on."""
    if sys.platform == "win32":
        return
    end = time.monotonic() + _SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < end:
                time.sleep(_PAUSE)
                continue
            raise LockedError(
                "another copy of this chain is being written from here ({path})",
                path=path,
                hint="close the other chainlog, or wait until it is done",
            ) from None
        except OSError:
            return
        return


def _unlock(descriptor: int) -> None:
    """By hand: a child that was forked meanwhile has the descriptor too."""
    if sys.platform != "win32":
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)


def write_at(descriptor: int, data: bytes, at: int) -> None:
    """Write all of a few bytes in place, at once. Raises OSError."""
    if os.pwrite(descriptor, data, at) != len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
