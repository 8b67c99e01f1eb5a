"""The brigade claims a range up to an index that the checkpoint does not reach, to have said that
nothing came after. What nobody cosigned yet is not here, and is missed.
"""

from __future__ import annotations

VERDICT = "cannot tell"
STEP = 2
CODE = "range-gap"


def attack(world):
    size = world.chain("brigade").size
    claims = {"claim": "range", "from": size - 3, "to": size - 1}
    honest = world.evidence("brigade", range(size - 3, size), **claims)
    return world.shown({**honest, "to": size + 4}, honest)
