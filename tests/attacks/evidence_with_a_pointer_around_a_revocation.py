"""The depot, both witnesses and the helper conspire: after the revocation the helper signs one more
dispatch, which points past it, and it is cosigned. The file would have a complete way back that
never meets the revocation; but another entry in it does.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "tampered"
STEP = 2
CODE = "roster-pointer"


def attack(world):
    honest = world.evidence("depot", [world.at("sent 0")])
    depot = world.chain("depot")
    depot.say("transfer", transfer(), key("depot keeper"), roster=world.at("depot key.grant"))
    depot.keep(depot.checkpoint(key("depot box"), "one", "two"))
    depot.put()
    return world.shown(world.evidence("depot", [world.at("sent 0"), world.at("sent 10")]), honest)
