"""Whoever has the disk rolls the depot back, and writes the new size and root into the text of the
newest checkpoint, above the old signatures. They name the right keys and do not hold.
"""

from __future__ import annotations

from chainlog.format.note import Note

VERDICT = "cannot tell"
STEP = 8
CODE = "checkpoint-signature"


def attack(world):
    depot = world.chain("depot")
    lines = depot.newest().signatures
    depot.cut(depot.size - 4)
    depot.forget()
    depot.keep(Note(depot.told().text, lines))
    depot.put()
    return world.given()
