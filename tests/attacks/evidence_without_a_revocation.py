"""Who shows a dispatch of the helper's leaves out the entry that revoked the helper's key as
compromised, and lets the rest look complete. The pointers lead from the last entry back over every
change of power: one that is not here is missed.
"""

from __future__ import annotations

from attacks.hands import leave_out

VERDICT = "cannot tell"
STEP = 5
CODE = "roster-gap"


def attack(world):
    honest = world.evidence("depot", [world.at("sent 0")])
    told = world.evidence("depot", [world.at("sent 0")])
    leave_out(told["chains"][0], world.at("depot key.revoke"))
    return world.shown(told, honest)
