"""An attacker puts his own key into the header of an entry and signs it: signature and key fit each
other. Nobody granted that key anything in this chain.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "tampered"
STEP = 5
CODE = "key-unknown"


def attack(world):
    brigade = world.chain("brigade")
    brigade.sign(brigade.size - 1, key("thief"), author=key("thief").key_id)
    brigade.put()
    return world.given()
