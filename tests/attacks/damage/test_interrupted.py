"""The disk is full, or fails, while damage is being healed.

Nothing is worse than before, the damaged bytes are somewhere, and the next sync heals it.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from attacks.damage.disks import Disk, pair
from attacks.fuller.desks import holds

from chainlog.store import durable

CALLS = [
    (durable, "write_all"),
    (durable, "sync_data"),
    (durable, "sync_folder"),
    (durable, "make_folder"),
    (Path, "replace"),
    (os, "link"),
]


def failing(monkeypatch, place, name, number):
    """The call of a number fails, once."""
    real, calls = getattr(place, name), []

    def refusing(*given, **more):
        calls.append(1)
        if len(calls) == number:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(*given, **more)

    monkeypatch.setattr(place, name, refusing)
    return calls


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize(("place", "name"), CALLS, ids=[name for _, name in CALLS])
def test_the_next_sync_heals_it(tmp_path, monkeypatch, place, name, links):
    depot, hub = pair(tmp_path)
    disk = Disk(hub, depot.chain)
    disk.roll(4, 8)
    whole = disk.bytes()
    if not links:
        monkeypatch.setattr(os, "link", failing_always)
    for number in range(1, 20):
        disk.signature(5)
        disk.length(9)
        damaged = [path.read_bytes() for path in disk.segments]
        with monkeypatch.context() as patch:
            calls = failing(patch, place, name, number)
            hub.sync(depot)
        kept = {one.read_bytes() for one in disk.folder.rglob("*") if one.is_file()}
        assert kept.issuperset(damaged)
        assert hub.sync(depot).code == 0
        assert disk.bytes() == whole
        assert holds(hub)
        if len(calls) < number:
            return
    raise AssertionError("it never ended")


def failing_always(*_given):
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))
