"""The same, for an auditor who never looked before; but the brigade kept the depot's newest
checkpoint, and gave it to the auditor. It is signed by the depot's own log, so it does not matter
who brings it.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 8
CODE = "chain-rollback"


def attack(world):
    depot = world.chain("depot")
    newest, old = depot.kept()[-1].read_bytes(), int(depot.kept()[0].name[:20])
    depot.cut(old)
    depot.forget(above=old)
    depot.put()
    return world.given(checkpoints=(newest,))
