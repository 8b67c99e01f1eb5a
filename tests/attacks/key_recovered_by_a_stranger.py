"""An attacker says that the depot lost its owners, and takes the chain over with a key of his own.
Who may recover was committed to beforehand, by a digest of the key.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "tampered"
STEP = 5
CODE = "not-next"


def attack(world):
    depot = world.chain("depot")
    depot.say("key.recover", {"key": key("thief").key_id}, key("thief"))
    depot.put()
    return world.given()
