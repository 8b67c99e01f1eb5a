"""Whoever has the disk puts the body of one dispatch under another: both are true, and of the same
kind, author and day. A body fits the entry that committed to it.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 6
CODE = "body"


def attack(world):
    depot = world.chain("depot")
    depot.bodies[world.at("sent 6")] = depot.bodies[world.at("sent 7")]
    depot.put()
    return world.given()
