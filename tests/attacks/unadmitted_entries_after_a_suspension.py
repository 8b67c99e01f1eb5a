"""The port goes on after the authority suspended it; its keys are in force in its own chain, and
the witnesses, who only count, cosign. From the index that the suspension names nothing of it is
accepted.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "tampered"
STEP = 9
CODE = "site-suspended"


def attack(world):
    port = world.chain("port")
    port.say("transfer", transfer("SN-9"), key("port keeper"))
    port.keep(port.checkpoint(key("port box"), "one", "two"))
    port.put()
    return world.given()
