"""The brigade's keeper signs with an R of small order: some libraries take it and some refuse, so
two auditors would disagree, and the keeper may deny it. It is refused, whatever the equation says.
"""

from __future__ import annotations

from attacks.keys import signed_with

VERDICT = "tampered"
STEP = 4
CODE = "signature"


def attack(world):
    brigade = world.chain("brigade")
    brigade.entries[-1] = signed_with(
        brigade.entries[-1], "brigade keeper", (1).to_bytes(32, "little"), 0
    )
    brigade.put()
    return world.given()
