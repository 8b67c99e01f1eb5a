"""Whoever has the disk rolls the depot back, and ends the lines of the newest checkpoint with
carriage returns, as a careless editor would. It is no note any more, and nobody can say that it
told nothing.
"""

from __future__ import annotations

from attacks.world import spoilt

VERDICT = "cannot tell"
STEP = 8
CODE = "checkpoint-unreadable"


def attack(world):
    return spoilt(world, lambda data: data.replace(b"\n", b"\r\n"))
