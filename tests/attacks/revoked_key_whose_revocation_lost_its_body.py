"""Whoever has the disk removes the body of a revocation, as bodies of custody may be absent, so
that nobody can read which key it was. Who might sign from there on cannot be told, and it is said.
"""

from __future__ import annotations

VERDICT = "cannot tell"
STEP = 5
CODE = "governing-absent"


def attack(world):
    depot = world.chain("depot")
    depot.bodies[world.at("depot key.revoke")] = b""
    depot.put()
    return world.given()
