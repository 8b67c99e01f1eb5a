"""The same, for an auditor who remembers nothing and was given nothing: the older copy is whole,
and was cosigned. But the brigade's receipts cite dispatches that are in no chain, though every
chain that was admitted is here.
"""

from __future__ import annotations

VERDICT = "cannot tell"
STEP = 9
CODE = "cited-absent"


def attack(world):
    depot = world.chain("depot")
    old = int(depot.kept()[0].name[:20])
    depot.cut(old)
    depot.forget(above=old)
    depot.put()
    return world.given()
