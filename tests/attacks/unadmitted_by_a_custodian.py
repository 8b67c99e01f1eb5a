"""Whoever has the key of the authority's checkpoint machine admits a site of his own with it. Only
an owner of the authority's chain admits.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "tampered"
STEP = 5
CODE = "not-owner"


def attack(world):
    hq = world.chain("hq")
    hq.say("site.admit", {"chain": bytes(32), "origin": "aid.example/annex"}, key("hq box"))
    hq.put()
    return world.given()
