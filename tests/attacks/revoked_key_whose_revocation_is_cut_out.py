"""Whoever has the disk takes the helper's revocation out of the depot's chain and nothing else.
Links, indexes and pointers of all that follows still tell of it.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 2
CODE = "position"


def attack(world):
    depot = world.chain("depot")
    gone = world.at("depot key.revoke")
    del depot.entries[gone], depot.bodies[gone]
    depot.put()
    return world.given()
