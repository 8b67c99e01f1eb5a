"""Whoever has the disk gives two segments each other's names: every record is whole, and none is
missing. A segment is named after its first entry.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 1
CODE = "segment-name"


def attack(world):
    first, second = sorted(world.path("depot").glob("*.seg"))[:2]
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two)
    second.write_bytes(one)
    return world.given()
