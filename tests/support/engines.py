"""The engines of the conformance suite, a line each: a new store at a place, with its marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.store.memory import MemoryEngine
from chainlog.store.segment.engine import SegmentEngine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chainlog.store.engine import Head
    from chainlog.store.open import Store

# Three or four records a segment, so that every chain of some entries has rolled.
TINY = 1800


def unmarked(_chain: bytes) -> Head | None:
    """No mark of any chain."""
    return None


ENGINES: dict[str, Callable[[Path, Callable[[bytes], Head | None]], Store]] = {
    "memory": lambda _folder, mark: MemoryEngine(mark),
    "segment": lambda folder, mark: SegmentEngine(folder, mark, segment_limit=TINY),
}


def new_store(name: str, folder: Path, mark: Callable[[bytes], Head | None] = unmarked) -> Store:
    """A new store of one of the engines."""
    return ENGINES[name](folder, mark)
