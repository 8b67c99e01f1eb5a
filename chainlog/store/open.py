"""From a URL to an engine: the only file that names engines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chainlog.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from chainlog.store.engine import Engine, Head


def open_engine(
    url: str | Path, mark: Callable[[bytes], Head | None] = lambda _chain: None
) -> Engine:
    """The engine for a folder's path, or `memory:`. `mark`: the head last acknowledged of a chain.

    Raises StoreError.
    """
    if isinstance(url, str) and url == "memory:":
        from chainlog.store.memory import MemoryEngine  # noqa: PLC0415  (only the engine in use is loaded)

        return MemoryEngine()
    if isinstance(url, str) and "://" in url:
        raise StoreError(
            f"{url.partition(':')[0]}: no store of this kind", hint="name a folder, or memory:"
        )
    from chainlog.store.segment.engine import SegmentEngine  # noqa: PLC0415

    return SegmentEngine(Path(url), mark)
