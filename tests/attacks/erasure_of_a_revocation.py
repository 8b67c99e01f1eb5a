"""The depot's owner erases the helper's revocation 'for privacy', so that nobody can read any more
that the key was compromised. What governs is not erased: who might sign cannot be told without it.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "cannot tell"
STEP = 5
CODE = "governing-absent"


def attack(world):
    depot = world.chain("depot")
    at = world.at("depot key.revoke")
    depot.say(
        "chain.erase", {"entries": [depot.entry(at).id], "reason": "privacy"}, key("depot spare")
    )
    depot.bodies[at] = b""
    depot.put()
    return world.given()
