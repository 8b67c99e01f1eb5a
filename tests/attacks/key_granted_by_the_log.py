"""Whoever broke into the machine that signs the depot's checkpoints has its key, and makes himself
an owner with it. A key that signs checkpoints is in force, and governs nothing.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "tampered"
STEP = 5
CODE = "not-owner"


def attack(world):
    depot = world.chain("depot")
    depot.say(
        "key.grant",
        {"key": key("thief").key_id, "roles": ["owner"], "holder": {"name": "thief"}},
        key("depot box"),
    )
    depot.put()
    return world.given()
