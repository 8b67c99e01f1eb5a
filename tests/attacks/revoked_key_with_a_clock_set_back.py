"""Whoever stole the helper's key, which was revoked, signs a dispatch and sets its clock to the day
before the revocation. Being in force is a matter of place in the chain: a clock is only a claim.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "tampered"
STEP = 5
CODE = "key-revoked"


def attack(world):
    depot = world.chain("depot")
    before = depot.header(world.at("depot key.revoke")).time - 86_400_000
    depot.say("transfer", transfer(), key("depot helper"), time=before)
    depot.put()
    return world.given()
