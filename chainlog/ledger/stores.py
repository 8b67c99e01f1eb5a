"""The store of a ledger, with the marks of whoever opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.store.engine import EMPTY
from chainlog.store.open import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from chainlog.ledger.marks import Marks
    from chainlog.store.engine import Head
    from chainlog.store.open import Store


def store_at(url: str | Path, marks: Marks | None) -> tuple[Store, set[bytes]]:
    """The store, and the chains whose marks it is not to look at."""
    lifted: set[bytes] = set()

    def mark(chain: bytes) -> Head | None:
        if chain in lifted:
            return EMPTY
        return None if marks is None else marks.get(chain)

    return open_store(url, mark), lifted
