"""Whoever has the disk replaces the photograph that shows why an entry was corrected. It is named
by the event that stands in the place of the first one, inside the correction.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 10
CODE = "attachment"


def attack(world):
    world.photo(b"photo of a seal").write_bytes(b"photo of another seal")
    return world.given()
