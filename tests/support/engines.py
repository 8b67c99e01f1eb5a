"""The engines of the conformance suite, a line each: a new store at a place, with its marks."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

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


def put_back(store: Any, older: Any) -> None:
    """Somebody puts an older copy under a store that is open and writes."""
    if not hasattr(store, "_folder"):
        store._chains = {chain: list(records) for chain, records in older._chains.items()}
        store._ids = {chain: list(ids) for chain, ids in older._ids.items()}
        return
    names = {path.relative_to(older._folder) for path in older._folder.rglob("*.seg")}
    for path in store._folder.rglob("*.seg"):
        if path.relative_to(store._folder) not in names:
            path.unlink()
    for name in names:
        here = store._folder / name
        shutil.copy(older._folder / name, here.with_name("beside"))
        here.with_name("beside").replace(here)
