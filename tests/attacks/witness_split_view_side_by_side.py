"""The same, where both checkpoints lie in one folder, since a hub collected them without comparing.
The second root is not that of the entries that are here.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "tampered"
STEP = 7
CODE = "chain-fork"


def attack(world):
    brigade = world.chain("brigade")
    entries, bodies = list(brigade.entries), list(brigade.bodies)
    brigade.cut(brigade.size - 1)
    brigade.say("transfer", transfer("SN-2"), key("brigade keeper"))
    brigade.keep(brigade.checkpoint(key("brigade box"), "one", "two"))
    brigade.entries, brigade.bodies = entries, bodies
    brigade.put()
    return world.given()
