"""Whoever has the disk takes one dispatch out of the middle and closes the gap. The entry after it
stands where the one that is gone belongs.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 2
CODE = "position"


def attack(world):
    depot = world.chain("depot")
    del depot.entries[world.at("sent 7")], depot.bodies[world.at("sent 7")]
    depot.put()
    return world.given()
