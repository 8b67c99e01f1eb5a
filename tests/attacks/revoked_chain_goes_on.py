"""The brigade was closed by its major; the keeper, whose key nobody revoked, goes on signing. After
the end of a chain only erasures may follow.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "tampered"
STEP = 5
CODE = "chain-closed"


def attack(world):
    brigade = world.chain("brigade")
    brigade.say("chain.close", {"reason": "disbanded"}, key("brigade major"))
    brigade.say("transfer", transfer(), key("brigade keeper"))
    brigade.put()
    return world.given()
