"""The whole depot conspires: with every key that it ever had it rewrites an early dispatch, signs
all that follows anew, and has its log sign a new checkpoint. All of it verifies. The older
checkpoint of the same log says otherwise.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "tampered"
STEP = 7
CODE = "chain-fork"


def attack(world):
    depot = world.chain("depot")
    sent = world.at("sent 0")
    depot.sign(sent, key("depot helper"), body=depot.body(sent, transfer()))
    depot.sign_on(
        sent + 1, map(key, ("depot chief", "depot helper", "depot keeper", "depot spare"))
    )
    depot.keep(depot.checkpoint(key("depot box")))
    depot.put()
    return world.given()
