"""Whoever has the disk ends the depot's chain with an entry of the brigade, signed by a true
person, at the next index. An entry names its chain: it cannot be said again in another.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 2
CODE = "chain"


def attack(world):
    depot, brigade = world.chain("depot"), world.chain("brigade")
    depot.cut(brigade.size - 1)
    depot.entries.append(brigade.entries[-1])
    depot.bodies.append(brigade.bodies[-1])
    depot.put()
    return world.given()
