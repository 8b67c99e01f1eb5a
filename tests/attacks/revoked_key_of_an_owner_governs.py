"""Who found the depot chief's lost key, after the spare one had taken over, grants a key with it. A
recovery puts the owners before it out of force.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "tampered"
STEP = 5
CODE = "key-revoked"


def attack(world):
    depot = world.chain("depot")
    depot.say(
        "key.grant",
        {"key": key("thief").key_id, "roles": ["owner"], "holder": {"name": "thief"}},
        key("depot chief"),
    )
    depot.put()
    return world.given()
