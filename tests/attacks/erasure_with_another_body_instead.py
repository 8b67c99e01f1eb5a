"""The depot erased a dispatch, as it may; the hub puts a body of its own in the place that became
free. That it was erased allows no body, or the true one.
"""

from __future__ import annotations

from attacks.keys import transfer

VERDICT = "tampered"
STEP = 6
CODE = "body"


def attack(world):
    depot = world.chain("depot")
    depot.body(world.at("sent 1"), transfer())
    depot.put()
    return world.given()
