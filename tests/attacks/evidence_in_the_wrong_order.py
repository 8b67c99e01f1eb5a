"""Who makes the file gives one entry two times, first as it should be and then again, so that a
list of it looks longer. Each entry is here once, in order of index.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 2
CODE = "order"


def attack(world):
    honest, told = world.evidence("depot", [2, 3]), world.evidence("depot", [2, 3])
    rows = told["chains"][0]["entries"]
    rows.insert(1, rows[2])
    return world.shown(told, honest)
