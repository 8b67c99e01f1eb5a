"""The depot's keeper makes an inconvenient dispatch unreadable, and signs an erasure for it with
the keeper's own key. An owner erases, with a reason; anybody else's erasure is none, and the body
is missing.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "tampered"
STEP = 5
CODE = "not-owner"


def attack(world):
    depot = world.chain("depot")
    depot.say(
        "chain.erase",
        {"entries": [world.told["sent 7"].id], "reason": "privacy"},
        key("depot keeper"),
    )
    depot.bodies[world.at("sent 7")] = b""
    depot.put()
    return world.given()
