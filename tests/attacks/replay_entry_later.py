"""Whoever has the disk says an old dispatch again at the end of the chain, as if the same had gone
out a second time. It has the index at which it was signed.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 2
CODE = "position"


def attack(world):
    depot = world.chain("depot")
    depot.entries.append(depot.entries[world.at("sent 6")])
    depot.bodies.append(depot.bodies[world.at("sent 6")])
    depot.put()
    return world.given()
