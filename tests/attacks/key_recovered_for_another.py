"""Whoever has the envelope with the depot's next spare key signs a recovery with it that makes
quite another key the owner. A recovery is by the key that it is for: only that one was committed
to.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "tampered"
STEP = 5
CODE = "not-next"


def attack(world):
    depot = world.chain("depot")
    depot.say("key.recover", {"key": key("thief").key_id}, key("depot safe"))
    depot.put()
    return world.given()
