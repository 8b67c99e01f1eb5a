"""The depot's keeper points at an entry of custody after the last revocation, as if it had changed
who may sign. A pointer that names anything but the latest such entry is tampering.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "tampered"
STEP = 2
CODE = "roster-pointer"


def attack(world):
    depot = world.chain("depot")
    depot.say("transfer", transfer(), key("depot keeper"), roster=depot.size - 1)
    depot.put()
    return world.given()
