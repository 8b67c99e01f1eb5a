"""A courier lays a folder named as a segment into the port's chain: what may stand there cannot be
told, and it is said of that chain.
"""

from __future__ import annotations

VERDICT = "cannot tell"
STEP = 1
CODE = "unreadable"


def attack(world):
    (world.path("port") / f"{10**20 - 1}.seg").mkdir()
    return world.given()
