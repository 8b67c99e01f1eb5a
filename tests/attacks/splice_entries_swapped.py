"""Whoever has the disk swaps two dispatches, so that the later one seems to have come first. Each
has its index, and links to the one before it.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 2
CODE = "position"


def attack(world):
    depot = world.chain("depot")
    one, two = world.at("sent 6"), world.at("sent 7")
    for rows in (depot.entries, depot.bodies):
        rows[one], rows[two] = rows[two], rows[one]
    depot.put()
    return world.given()
