"""Who shows a dispatch leaves the authority's chain out, since it is the same for all and everybody
knows it. Without it nobody says that the depot belongs to anything, or that the witnesses count.
"""

from __future__ import annotations

VERDICT = "cannot tell"
STEP = 9
CODE = "authority-absent"


def attack(world):
    honest, told = world.evidence("depot", [2]), world.evidence("depot", [2])
    del told["chains"][1]
    return world.shown(told, honest)
