"""Whoever has the disk puts the brigade's whole chain, which verifies, into the folder of the
depot's. A chain's name is the id of its first entry, not that of the folder.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 2
CODE = "chain"


def attack(world):
    brigade = world.chain("brigade")
    for path in world.path("depot").glob("*.seg"):
        path.unlink()
    for first, data in brigade.segments().items():
        (world.path("depot") / f"{first:020d}.seg").write_bytes(data)
    return world.given()
