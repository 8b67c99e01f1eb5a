"""Whoever has the disk puts two fields of a body in another order, so that one event would have two
forms with two digests. One order of slots is allowed, in partial bodies too.
"""

from __future__ import annotations

from chainlog.format import canonical

VERDICT = "tampered"
STEP = 6
CODE = "body"


def attack(world):
    brigade = world.chain("brigade")
    got = world.at("got 0")
    slots = canonical.decode(brigade.bodies[got])
    slots[0], slots[1] = slots[1], slots[0]
    brigade.bodies[got] = canonical.pack(slots)
    brigade.put()
    return world.given()
