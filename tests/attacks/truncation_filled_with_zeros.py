"""Whoever has the disk overwrites the last entries with zeros, as a file system does after a crash.
A tail of zeros alone is 'cannot tell'; that a checkpoint counted what stood there makes it a
rollback.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 8
CODE = "chain-rollback"


def attack(world):
    depot = world.chain("depot")
    before = sum(map(len, depot.segments().values()))
    depot.cut(depot.size - 3)
    depot.put()
    last = max(depot.path.glob("*.seg"))
    last.write_bytes(last.read_bytes() + bytes(before - sum(map(len, depot.segments().values()))))
    return world.given()
