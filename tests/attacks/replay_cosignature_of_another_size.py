"""The brigade's log signs a checkpoint of a new history, and takes the witnesses' lines from an
older one of the same chain. A cosignature is over a size and a root: the lines name witnesses that
count, and do not hold.
"""

from __future__ import annotations

from attacks.hands import resigned
from attacks.keys import key, transfer

VERDICT = "cannot tell"
STEP = 8
CODE = "unwitnessed"


def attack(world):
    brigade = world.chain("brigade")
    lines = brigade.newest().signatures[1:]
    brigade.forget()
    brigade.say("transfer", transfer("SN-3"), key("brigade keeper"))
    made = brigade.checkpoint(key("brigade box"))
    brigade.keep(resigned(made, *made.signatures, *lines))
    brigade.put()
    return world.given()
