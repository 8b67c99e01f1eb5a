"""A courier alters a dispatch of the depot's, and lays a folder named as a segment into the port's
chain: a verification that gives up there would never come to the depot.
"""

from __future__ import annotations

from attacks.keys import transfer

VERDICT = "tampered"
STEP = 6
CODE = "body"


def attack(world):
    depot = world.chain("depot")
    depot.body(world.at("sent 6"), transfer())
    depot.put()
    (world.path("port") / f"{10**20 - 1}.seg").mkdir()
    return world.given()
