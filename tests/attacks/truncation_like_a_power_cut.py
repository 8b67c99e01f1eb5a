"""Whoever has the disk cuts in the middle of a record, so that it looks like a write that did not
finish, which nobody would blame. The checkpoint was made of what was acknowledged: what it counts
cannot have been torn.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 8
CODE = "chain-rollback"


def attack(world):
    last = max(world.path("brigade").glob("*.seg"))
    last.write_bytes(last.read_bytes()[:-40])
    return world.given()
