"""The hub rolls the depot back to an earlier cosigned checkpoint and removes the later one: what is
left is a true and whole older copy. The auditor looked once before, and what was seen then is kept
beside the auditor's own marks.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 8
CODE = "chain-rollback"


def attack(world):
    depot = world.chain("depot")
    old = int(depot.kept()[0].name[:20])
    depot.cut(old)
    depot.forget(above=old)
    depot.put()
    return world.given(marks=world.marks)
