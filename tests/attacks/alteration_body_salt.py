"""Whoever has the disk changes one bit of a body's salt and no word of what it says, to have an
excuse why it does not match. A salt is part of what was committed to.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 6
CODE = "body"


def attack(world):
    depot = world.chain("depot")
    sent = world.at("sent 6")
    body = bytearray(depot.bodies[sent])
    body[10] ^= 1
    depot.bodies[sent] = bytes(body)
    depot.put()
    return world.given()
