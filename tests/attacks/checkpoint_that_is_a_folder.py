"""Whoever has the disk rolls the depot back, and puts a folder under the name of the newest
checkpoint. A name that cannot be read is still the name of a checkpoint.
"""

from __future__ import annotations

from attacks.world import spoilt

VERDICT = "cannot tell"
STEP = 8
CODE = "checkpoint-unreadable"


def attack(world):
    given = spoilt(world, lambda data: data)
    newest = world.chain("depot").kept()[-1]
    newest.unlink()
    newest.mkdir()
    return given
