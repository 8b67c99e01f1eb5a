"""Readers of chains that nobody uses at the moment, to be used again while they are current."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from chainlog.store.segment.folder import ChainFolder

# Each keeps a file open: enough for a ledger's own chain and those that it deals with.
_BELIEVING_KEPT: Final = 8
# Readers that believe no file read a whole chain to begin: they are kept as long as there are not
# more of them, and their rows take no more memory together.
_OTHERS_KEPT: Final = 256
_ROWS_KEPT: Final = 32 * 2**20


class Readers:
    """One for a chain at most; of too many, those are closed that were used the longest ago."""

    def __init__(self) -> None:
        # By what they believe, in the order of their last use.
        self._believing: dict[bytes, ChainFolder] = {}
        self._others: dict[bytes, ChainFolder] = {}
        self._rows = 0
        self._lock = Lock()

    def take(self, chain: bytes) -> ChainFolder | None:
        """The reader of a chain, which is whoever's took it until it is kept again."""
        with self._lock:
            return self._take(chain)

    def keep(self, chain: bytes, reader: ChainFolder) -> None:
        """Keep a reader, unless another one of its chain is kept: then it is closed."""
        with self._lock:
            if chain in self._believing or chain in self._others:
                reader.close()
                return
            if reader.index.stored:
                self._believing[chain] = reader
            else:
                self._others[chain] = reader
                self._rows += len(reader.index.added)
            if len(self._believing) > _BELIEVING_KEPT:
                self._close(next(iter(self._believing)))
            # The last one that was used stays, however long its chain is.
            while len(self._others) > _OTHERS_KEPT or (
                self._rows > _ROWS_KEPT and len(self._others) > 1
            ):
                self._close(next(iter(self._others)))

    def close(self, chain: bytes) -> None:
        """Close the reader of a chain, if there is one."""
        with self._lock:
            self._close(chain)

    def close_all(self) -> None:
        """Close every reader."""
        for chain in [*self._believing, *self._others]:
            self.close(chain)

    def _close(self, chain: bytes) -> None:
        reader = self._take(chain)
        if reader is not None:
            reader.close()

    def _take(self, chain: bytes) -> ChainFolder | None:
        if reader := self._others.pop(chain, None):
            self._rows -= len(reader.index.added)
            return reader
        return self._believing.pop(chain, None)
