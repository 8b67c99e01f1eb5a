"""Whoever has the disk deletes the depot's last segment file: no byte of the others is touched, and
each closed file is whole. The checkpoint that is kept is of more entries than are left.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 8
CODE = "chain-rollback"


def attack(world):
    max(world.path("depot").glob("*.seg")).unlink()
    return world.given()
