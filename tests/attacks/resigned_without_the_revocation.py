"""Whoever stole the helper's key replaces the helper's revocation, and all after it, by dispatches
of his own, more of them than there were. In this history the key is in force. It is not the history
that the checkpoint was signed over.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "tampered"
STEP = 7
CODE = "chain-fork"


def attack(world):
    depot = world.chain("depot")
    before, _ = depot.size, depot.cut(world.at("depot key.revoke"))
    while depot.size < before + 2:
        depot.say("transfer", transfer(f"SN-{depot.size}"), key("depot helper"))
    depot.put()
    return world.given()
