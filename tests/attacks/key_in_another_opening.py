"""An attacker with the disk replaces the depot's first entry by one with the same words and his own
key as owner, and signs all the rest. The chain is named after its first entry: this is another one,
in that one's folder.
"""

from __future__ import annotations

from attacks.hands import open_chain, opening_of
from attacks.keys import key

VERDICT = "tampered"
STEP = 2
CODE = "chain"


def attack(world):
    depot = world.chain("depot")
    false = open_chain(
        world.home / "elsewhere",
        opening_of("depot", programme=world.chains["hq"]),
        key("false depot"),
    )
    depot.entries[0], depot.bodies[0] = false.entries[0], false.bodies[0]
    depot.sign_on(1, [], key("false depot"))
    depot.put()
    return world.given()
