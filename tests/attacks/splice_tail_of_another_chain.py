"""Whoever has the disk puts the tail of the depot's chain on the head of the brigade's: indexes run
on, and every signature holds. Each header names the chain that it was signed for.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 2
CODE = "chain"


def attack(world):
    depot, brigade = world.chain("depot"), world.chain("brigade")
    brigade.entries[9:], brigade.bodies[9:] = depot.entries[9:], depot.bodies[9:]
    brigade.put()
    return world.given()
