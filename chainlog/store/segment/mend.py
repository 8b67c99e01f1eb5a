"""A segment that is damaged makes room for a whole one (FORMAT.md 5).

1. the whole one is written beside, while whoever gives its records verifies them;
2. the damaged one gets a name in `lost+found`: nobody can say what it held;
3. `index` goes, since it is derived from the damaged one;
4. the whole one is synced, takes the place, and the folder is synced.

Ended anywhere, the segment is the old or the new one.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from chainlog.errors import LockedError
from chainlog.format.record import format_record
from chainlog.store import durable
from chainlog.store.lock import held
from chainlog.store.segment.files import real_path, segment_name
from chainlog.store.segment.offsets import NAME as INDEX_NAME
from chainlog.store.segment.rewrite import LOST
from chainlog.store.segment.writer import LOCK_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_MODE: Final = 0o644
_LOCK_SECONDS: Final = 3.0


def mend(folder: Path, first: int, records: Iterable[tuple[bytes, bytes]]) -> str:
    """Put these records in the place of the segment that begins with entry `first`.

    Returns where the damaged one is kept, in words; empty where there was none. Raises OSError,
    LockedError, and what `records` raises, having changed nothing.
    """
    busy = LockedError(
        "another program is writing this chain ({folder})",
        folder=folder,
        hint="close the other chainlog, or wait until it is done",
    )
    with held(folder / LOCK_NAME, _LOCK_SECONDS, busy, "keep the ledger on a local disk"):
        # Of a segment that is a link the damaged bytes lie where it leads to.
        path = real_path(folder / segment_name(first))
        # 1. the whole one
        with durable.Beside(path.with_name(f".{path.name}.new"), _MODE) as new:
            for entry, body in records:
                new.write(format_record(entry, body))
            # 2. the damaged one
            aside = _keep_aside(folder / LOST, path) if path.exists() else None
            # 3. and 4.
            (folder / INDEX_NAME).unlink(missing_ok=True)
            new.put(path)
        durable.sync_folder(path.parent)
        durable.sync_folder(folder)
        new.check()
    return "" if aside is None else str(aside)


def _keep_aside(lost: Path, path: Path) -> Path:
    """Give a damaged segment a name among what was lost, and leave it its own where that goes."""
    number = 0
    while (aside := lost / f"{path.stem}-0-{number}").exists():
        number += 1
    durable.make_folder(lost)
    try:
        os.link(path, aside)
    except OSError:
        # Some file systems give a file one name only.
        path.rename(aside)
    durable.sync_folder(lost)
    return aside
