"""Whoever has the disk removes the depot's segments and derived files; the folder, and in it the
checkpoints, stays. It must not pass for a folder that a crash left before the first entry: cosigned
checkpoints say how many entries there were.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 8
CODE = "chain-rollback"


def attack(world):
    for path in world.path("depot").iterdir():
        if path.is_file():
            path.unlink()
    return world.given()
