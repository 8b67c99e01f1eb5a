"""The store of a ledger, with the marks of whoever opens it.

What is derived of a chain is believed only in a copy that its user wrote from here: a chain of
theirs that somebody hands back on a stick has an index that may be anybody's.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from chainlog.ledger.turns import Copy, copies_of
from chainlog.store.engine import EMPTY
from chainlog.store.open import open_store
from chainlog.store.segment.raw import CHAINS

if TYPE_CHECKING:
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

    def mine(chain: bytes) -> bool:
        if marks is None:
            return True
        copies, _ = copies_of(marks.state.copies(chain))
        return bool(copies) and Copy.at(place, Path(place) / CHAINS / chain.hex()) in copies

    place = os.path.realpath(url)
    return open_store(url, mark, mine), lifted
