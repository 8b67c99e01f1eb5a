"""A courier fills the port's folder of checkpoints with more files than anybody reads: whether one
of them tells against the chain cannot be told, and it is said of that chain.
"""

from __future__ import annotations

from chainlog.store.checkpoints import FILES_LIMIT

VERDICT = "cannot tell"
STEP = 8
CODE = "checkpoint-unreadable"


def attack(world):
    folder = world.path("port") / "checkpoints"
    for number in range(FILES_LIMIT + 1):
        (folder / f"{number:020d}-{number:064x}.checkpoint").touch()
    return world.given()
