"""Whoever has the disk empties the port's only segment, so that the chain seems never to have
begun. What enough witnesses cosigned was there, though no entry is left to say whose checkpoint it
is.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 8
CODE = "chain-rollback"


def attack(world):
    for segment in world.path("port").glob("*.seg"):
        segment.write_bytes(b"")
    return world.given()
