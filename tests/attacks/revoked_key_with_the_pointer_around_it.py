"""The depot's keeper is in league with the helper, and points past the helper's revocation, so that
a short proof need not show it. A pointer names the latest entry that changed who may sign: another
is tampering, though the keeper might sign.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "tampered"
STEP = 2
CODE = "roster-pointer"


def attack(world):
    depot = world.chain("depot")
    depot.say("transfer", transfer(), key("depot keeper"), roster=world.at("depot key.grant"))
    depot.put()
    return world.given()
