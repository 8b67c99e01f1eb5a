"""Whoever has the disk deletes a segment in the middle; the first and the last are whole, and the
size in the last header is right. The entry that follows the gap stands where another belongs.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 2
CODE = "position"


def attack(world):
    depot = world.chain("depot")
    middle = list(depot.segments())[1]
    (depot.path / f"{middle:020d}.seg").unlink()
    return world.given()
