"""The brigade's major signs, in the brigade's chain, an erasure of one of the depot's dispatches;
the hub drops the body. A chain erases what stands in it, and nothing else.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "cannot tell"
STEP = 6
CODE = "body-absent"


def attack(world):
    depot, brigade = world.chain("depot"), world.chain("brigade")
    brigade.say(
        "chain.erase",
        {"entries": [world.told["sent 7"].id], "reason": "privacy"},
        key("brigade major"),
    )
    depot.bodies[world.at("sent 7")] = b""
    depot.put()
    brigade.put()
    return world.given()
