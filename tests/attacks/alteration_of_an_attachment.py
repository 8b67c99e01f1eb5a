"""Whoever has the disk replaces the photograph of a seal by another, under the name of the first.
The event names it by its digest.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 10
CODE = "attachment"


def attack(world):
    world.photo(b"photo 6").write_bytes(b"another photograph")
    return world.given()
