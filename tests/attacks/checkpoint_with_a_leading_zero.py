"""Whoever has the disk rolls the depot back, and writes the size in the newest checkpoint with a
zero before it, so that no reader takes it for one. One that cannot be read is not one that was
never made: what it said is not known.
"""

from __future__ import annotations

from attacks.world import spoilt

VERDICT = "cannot tell"
STEP = 8
CODE = "checkpoint-unreadable"


def attack(world):
    return spoilt(world, lambda data: data.replace(b"\n", b"\n0", 1))
