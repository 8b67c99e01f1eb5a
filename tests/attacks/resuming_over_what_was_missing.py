"""The hub handed out a rolled back depot, and an auditor who never looked before was told that
cited dispatches are missing; the auditor looks again. That the brigade's entries hold does not say
that what they cite is here.
"""

from __future__ import annotations

from chainlog.ledger.marks import Marks

VERDICT = "cannot tell"
STEP = 9
CODE = "cited-absent"


def attack(world):
    depot = world.chain("depot")
    old = int(depot.kept()[0].name[:20])
    depot.cut(old)
    depot.forget(above=old)
    depot.put()
    return world.given(marks=Marks(world.home / "novice" / "marks"), resume=True).look()
