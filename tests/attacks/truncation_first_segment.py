"""Whoever has the disk deletes the segment in which the chain begins, and with it who might sign in
it. A chain's folder that begins after entry 0 has lost entries: that is no bare file that was
handed over.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 2
CODE = "position"


def attack(world):
    min(world.path("depot").glob("*.seg")).unlink()
    return world.given()
