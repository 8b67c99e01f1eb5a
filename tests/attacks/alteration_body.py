"""Whoever has the disk changes whom a dispatch went to, in the body, which no signature covers by
itself. The entry commits to its body: it is not the one.
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
    return world.given()
