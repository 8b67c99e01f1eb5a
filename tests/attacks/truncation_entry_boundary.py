"""The depot's clerk has the disk, and cuts the last four entries off, exactly where an entry ends,
after a checkpoint was made. Every signature and link that is left holds, so nothing in the file
itself shows it. The checkpoint that lies beside it says how long the chain was: it was rolled back.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 8
CODE = "chain-rollback"


def attack(world):
    depot = world.chain("depot")
    depot.cut(depot.size - 4)
    depot.put()
    return world.given()
