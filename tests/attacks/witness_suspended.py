"""The third witness's key was stolen and the witness suspended; the thief cosigns for the brigade,
with a time before the suspension. From a suspension on no cosignature of it counts, whenever it
says that it was made.
"""

from __future__ import annotations

from attacks.keys import cosigned, key

from chainlog.format.checkpoint import sign_checkpoint

VERDICT = "cannot tell"
STEP = 8
CODE = "unwitnessed"


def attack(world):
    brigade = world.chain("brigade")
    brigade.cut(brigade.size - 1)
    brigade.forget()
    brigade.keep(
        cosigned(sign_checkpoint(brigade.told(), key("brigade box")), "three", at=1_600_000_000)
    )
    brigade.put()
    return world.given()
