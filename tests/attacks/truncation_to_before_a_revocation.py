"""Whoever stole the helper's key cuts the depot to before the key was revoked, removes the later
checkpoint, and goes on signing with it. Every entry verifies, since in this history the key is in
force. But no witness ever cosigned what comes after the older checkpoint.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "cannot tell"
STEP = 8
CODE = "unwitnessed"


def attack(world):
    depot = world.chain("depot")
    depot.cut(world.at("depot key.revoke"))
    depot.say("transfer", transfer(), key("depot helper"))
    depot.forget(above=depot.size)
    depot.put()
    return world.given()
