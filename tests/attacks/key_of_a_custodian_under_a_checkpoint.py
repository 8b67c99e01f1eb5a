"""The brigade's keeper signs a checkpoint of a history of the keeper's own, and even finds
witnesses that cosign it. Only a log or an owner speaks for a chain: this is no checkpoint of it.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "cannot tell"
STEP = 8
CODE = "unwitnessed"


def attack(world):
    brigade = world.chain("brigade")
    brigade.cut(brigade.size - 1)
    brigade.forget()
    brigade.keep(brigade.checkpoint(key("brigade keeper"), "one", "two"))
    brigade.put()
    return world.given()
