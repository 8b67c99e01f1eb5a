"""Whoever has the disk writes one receipt two times in a row, so that what was received seems to be
twice as much. The second stands where another index belongs.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 2
CODE = "position"


def attack(world):
    brigade = world.chain("brigade")
    got = world.at("got 6")
    for rows in (brigade.entries, brigade.bodies):
        rows.insert(got, rows[got])
    brigade.put()
    return world.given()
