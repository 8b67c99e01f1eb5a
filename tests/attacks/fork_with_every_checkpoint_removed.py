"""The brigade rewrites its last entries, removes every checkpoint and has its log sign a new one,
for an auditor who remembers nothing. Nobody but the brigade vouches for it: a site that shows two
people two histories could sign both.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "cannot tell"
STEP = 8
CODE = "unwitnessed"


def attack(world):
    brigade = world.chain("brigade")
    brigade.cut(brigade.size - 1)
    brigade.say("transfer", transfer("SN-2"), key("brigade keeper"))
    brigade.forget()
    brigade.keep(brigade.checkpoint(key("brigade box")))
    brigade.put()
    return world.given()
