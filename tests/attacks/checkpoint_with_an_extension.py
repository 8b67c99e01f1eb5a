"""Whoever has the disk rolls the depot back, and adds a fourth line to the text of the newest
checkpoint, as other logs have. A chain's checkpoint has three lines; this one is not known to say
nothing.
"""

from __future__ import annotations

from attacks.world import spoilt

VERDICT = "cannot tell"
STEP = 8
CODE = "checkpoint-unreadable"


def attack(world):
    return spoilt(world, lambda data: data.replace(b"\n\n", b"\nextension\n\n", 1))
