"""Whoever has the disk drops the body of a dispatch, and says that it must have been erased by law.
No entry says so: what it said cannot be told.
"""

from __future__ import annotations

VERDICT = "cannot tell"
STEP = 6
CODE = "body-absent"


def attack(world):
    depot = world.chain("depot")
    depot.bodies[world.at("sent 7")] = b""
    depot.put()
    return world.given()
