"""Whoever has the disk rolls the depot back, and blows the newest checkpoint up to megabytes, so
that readers give up on it or run out of memory. No more is read than a note may have, and it is
said.
"""

from __future__ import annotations

from attacks.world import spoilt

VERDICT = "cannot tell"
STEP = 8
CODE = "checkpoint-unreadable"


def attack(world):
    return spoilt(world, lambda data: data + b"x" * 3_000_000)
