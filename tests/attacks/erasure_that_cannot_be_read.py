"""Whoever has the disk drops the erasure's own body along with some others, so that it seems to
name all that is missing. An erasure that cannot be read names nothing.
"""

from __future__ import annotations

VERDICT = "cannot tell"
STEP = 5
CODE = "governing-absent"


def attack(world):
    depot = world.chain("depot")
    depot.bodies[world.at("depot chain.erase")] = b""
    depot.bodies[world.at("sent 7")] = b""
    depot.put()
    return world.given()
