"""Whoever has the disk rolls the depot back, and adds a hundred signature lines of nobody to the
newest checkpoint, over the limit of readers. What is over a limit is refused, and that it was is
said.
"""

from __future__ import annotations

from attacks.world import spoilt

VERDICT = "cannot tell"
STEP = 8
CODE = "checkpoint-unreadable"


def attack(world):
    lines = "".join(f"— nobody{n} AAAAAAAA\n" for n in range(100))
    return spoilt(world, lambda data: data + lines.encode())
