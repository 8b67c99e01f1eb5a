"""The brigade's keeper adds entries, all as they should be, that nobody has cosigned: they could be
taken back again tomorrow. What comes after the last cosigned checkpoint is not witnessed yet, and
is not vouched for.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "cannot tell"
STEP = 8
CODE = "unwitnessed"


def attack(world):
    brigade = world.chain("brigade")
    brigade.say("transfer", transfer("SN-3"), key("brigade keeper"))
    brigade.keep(brigade.checkpoint(key("brigade box")))
    brigade.put()
    return world.given()
