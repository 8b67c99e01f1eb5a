"""Whoever has the disk rolls the depot back, and lays the brigade's cosigned checkpoint beside it
in place of the depot's own. It is a checkpoint, it is cosigned, and it is not of this chain.
"""

from __future__ import annotations

VERDICT = "cannot tell"
STEP = 8
CODE = "checkpoint-foreign"


def attack(world):
    depot, brigade = world.chain("depot"), world.chain("brigade")
    theirs = brigade.newest()
    depot.cut(brigade.size)
    depot.forget()
    depot.keep(theirs)
    depot.put()
    return world.given()
