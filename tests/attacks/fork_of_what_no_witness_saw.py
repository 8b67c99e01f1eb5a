"""The brigade's log signed a checkpoint that no witness has cosigned yet; before one does, the
brigade replaces what it covers. A log's signature is enough to tell against the log.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "tampered"
STEP = 7
CODE = "chain-fork"


def attack(world):
    brigade = world.chain("brigade")
    brigade.say("transfer", transfer("SN-3"), key("brigade keeper"))
    brigade.keep(brigade.checkpoint(key("brigade box")))
    brigade.cut(brigade.size - 1)
    brigade.say("transfer", transfer("SN-4", to="brigade"), key("brigade keeper"))
    brigade.put()
    return world.given()
