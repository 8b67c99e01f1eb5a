"""The depot hands out a revocation in part, and withholds the field that says which key it revoked.
Of what governs only names and notes may be withheld.
"""

from __future__ import annotations

from chainlog.format.body import withhold

VERDICT = "cannot tell"
STEP = 5
CODE = "governing-withheld"


def attack(world):
    depot = world.chain("depot")
    at = world.at("depot key.revoke")
    depot.bodies[at] = withhold(depot.bodies[at], depot.header(at).body, {"key"})
    depot.put()
    return world.given()
