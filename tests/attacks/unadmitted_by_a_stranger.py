"""An attacker hands over a copy of the authority's chain at whose end he admits his own site, under
his own signature. The copy shows its own forgery.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "tampered"
STEP = 5
CODE = "key-unknown"


def attack(world):
    hq = world.chain("hq")
    hq.say("site.admit", {"chain": bytes(32), "origin": "aid.example/annex"}, key("thief"))
    hq.put()
    return world.given()
