"""The depot's owner admits a friend's chain in the depot's own chain, where the depot's owner may
govern all else. Sites and witnesses are admitted in an authority's chain alone.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "tampered"
STEP = 5
CODE = "not-authority"


def attack(world):
    depot = world.chain("depot")
    depot.say("site.admit", {"chain": bytes(32), "origin": "aid.example/annex"}, key("depot spare"))
    depot.put()
    return world.given()
