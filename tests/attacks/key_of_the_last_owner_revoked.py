"""The brigade's major revokes the major's own key, the only owner, so that nobody can ever revoke
the others. What would leave a chain without an owner does not count.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "tampered"
STEP = 5
CODE = "no-owner"


def attack(world):
    brigade = world.chain("brigade")
    brigade.say(
        "key.revoke",
        {"key": key("brigade major").key_id, "reason": "retired"},
        key("brigade major"),
    )
    brigade.put()
    return world.given()
