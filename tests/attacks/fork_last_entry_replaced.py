"""The brigade's keeper regrets the report of a loss, and signs another entry in its place with the
very key, which is in force. The chain is as long as before, and every signature holds. The
checkpoint has another root for these sizes.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "tampered"
STEP = 7
CODE = "chain-fork"


def attack(world):
    brigade = world.chain("brigade")
    brigade.cut(brigade.size - 1)
    brigade.say("transfer", transfer("SN-2"), key("brigade keeper"))
    brigade.put()
    return world.given()
