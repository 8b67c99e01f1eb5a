"""Who shows a dispatch leaves out the last entry of the checkpoint, and with it the beginning of
the way back over the changes of power. What is not begun cannot be known to be complete.
"""

from __future__ import annotations

from attacks.hands import leave_out

VERDICT = "cannot tell"
STEP = 2
CODE = "head-absent"


def attack(world):
    honest = world.evidence("depot", [world.at("sent 0")])
    told = world.evidence("depot", [world.at("sent 0")])
    leave_out(told["chains"][0], world.chain("depot").size - 1)
    return world.shown(told, honest)
