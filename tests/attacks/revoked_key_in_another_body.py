"""Whoever has the disk gives the helper's revocation the body of one that names another key. It
counts for nothing unless it is what was signed.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "tampered"
STEP = 6
CODE = "body"


def attack(world):
    depot = world.chain("depot")
    depot.body(world.at("depot key.revoke"), {"key": key("nobody").key_id, "reason": "compromised"})
    depot.put()
    return world.given()
