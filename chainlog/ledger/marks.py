r"""High-water marks: the head last acknowledged for each chain (FORMAT.md 5).

They are kept in the user's own folder (`state.py`), outside the ledger.

    chainlog mark 1 <chain, 64 hex> <size, 16 digits> <id, 64 hex> <check, 16 hex>\\n

A ledger that was restored from a backup is shorter than its mark; writing to it would make a fork.
A mark only grows, within a turn (`turns.py`). It is written after its entries are durable, in
place, always the same length within one disk sector, and not synced: after a power cut it may be an
older one, which is still true. The check is the first 8 bytes of the SHA-256 of what stands before
it.
"""

from __future__ import annotations

import os
import re
import shlex
import stat
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from chainlog.errors import ReadOnlyError, StoreError
from chainlog.ledger.remembered import Memory
from chainlog.ledger.state import State, way_out
from chainlog.ledger.turns import turn_at, write_at
from chainlog.store import durable
from chainlog.store.engine import Head

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from chainlog.ledger.turns import Copy, Turn

_MARK: Final = re.compile(
    rb"(chainlog mark 1 ([0-9a-f]{64}) ([0-9]{16}) ([0-9a-f]{64})) ([0-9a-f]{16})\n"
)
_LENGTH: Final = len("chainlog mark 1    \n") + 64 + 16 + 64 + 16


def format_mark(chain: bytes, head: Head) -> bytes:
    """The bytes of a mark."""
    text = f"chainlog mark 1 {chain.hex()} {head.size:016d} {head.id.hex()}".encode()
    return text + b" " + sha256(text).hexdigest()[:16].encode() + b"\n"


def parse_mark(data: bytes, chain: bytes) -> Head | None:
    """The head in a mark of `chain`, or None where it is none."""
    match = _MARK.fullmatch(data)
    if (
        match is None
        or match[2].decode() != chain.hex()
        or sha256(match[1]).hexdigest()[:16].encode() != match[5]
    ):
        return None
    return Head(int(match[3]), bytes.fromhex(match[4].decode()))


def read_mark(path: Path) -> bytes:
    """The bytes of a mark's file; none of what is no file, and never ends. Raises OSError."""
    if not stat.S_ISREG(path.stat().st_mode):
        return b""
    with path.open("rb") as file:
        return file.read(_LENGTH + 1)


class Marks:
    """The marks in one folder, a file a chain."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, chain: bytes) -> Path:
        """Where the mark of a chain stands."""
        return self.folder / f"{chain.hex()}.mark"

    @property
    def state(self) -> State:
        """The state that the marks are part of."""
        return State(self.folder.parent)

    def remembered(self, chain: bytes) -> Path:
        """Where checkpoints that were seen of a chain are kept, beside the marks."""
        return self.state.seen(chain)

    def memory(self, chain: bytes) -> Memory:
        """The checkpoints that were seen of a chain. Raises StoreError."""
        return Memory(self.remembered(chain))

    def has(self, chain: bytes) -> bool:
        """Whether there is a mark of a chain, in order or not."""
        return os.path.lexists(self.path(chain))

    def get(self, chain: bytes) -> Head | None:
        """The head last acknowledged, None where there is no mark.

        Raises ReadOnlyError for a mark that cannot be read.
        """
        path = self.path(chain)
        try:
            data = read_mark(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ReadOnlyError(
                "the mark {path} cannot be read: {why}",
                path=path,
                why=error.strerror,
                hint=way_out(self.state.home),
            ) from None
        head = parse_mark(data, chain)
        if head is None:
            raise ReadOnlyError(
                "the mark {path} is damaged, so it cannot be told whether this ledger is "
                "an old copy",
                path=path,
                quoted=shlex.quote(str(path.absolute())),
                hint="if this ledger is the newest copy, remove the mark: rm -r {quoted}",
            )
        return head

    def put(self, chain: bytes, head: Head) -> None:
        """Remember a head. Raises StoreError where it cannot be written; the older one then stays.

        By its path each time: what was put in its place meanwhile is written, and nothing else.
        """
        path = self.path(chain)
        with StoreError.from_os(
            "the mark {path} cannot be written: {why}", path=path, hint=way_out(self.state.home)
        ):
            try:
                descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_CLOEXEC", 0))
            except FileNotFoundError:
                durable.make_folder(self.folder)
                durable.replace(path, format_mark(chain, head))
                return
            try:
                write_at(descriptor, format_mark(chain, head), 0)
            finally:
                os.close(descriptor)

    def grow(self, chain: bytes, head: Head, copy: Copy) -> None:
        """Remember a head in a copy, unless one is known that is further.

        Raises StoreError, LockedError.
        """
        with self.turn(chain) as turn:
            known = self.get(chain)
            if known is None or known.size <= head.size:
                self.put(chain, head)
            turn.add(copy)

    def turn(self, chain: bytes) -> AbstractContextManager[Turn]:
        """A turn at a chain, waited for. Raises LockedError, StoreError."""
        return turn_at(self.state.copies(chain), self.state.home)
