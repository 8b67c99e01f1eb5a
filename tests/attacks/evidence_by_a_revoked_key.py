"""The depot, both witnesses and the helper conspire: the helper signs a dispatch after the
revocation, it is cosigned, and shown with all that belongs to it. The revocation is among that.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "tampered"
STEP = 5
CODE = "key-revoked"


def attack(world):
    honest = world.evidence("depot", [world.at("sent 0")])
    depot = world.chain("depot")
    depot.say("transfer", transfer(), key("depot helper"))
    depot.keep(depot.checkpoint(key("depot box"), "one", "two"))
    depot.put()
    return world.shown(world.evidence("depot", [depot.size - 1]), honest)
