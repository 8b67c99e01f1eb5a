"""The depot's keeper, who may move things, grants a friend's key the role of a custodian. Only an
owner says who may sign.
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
        {"key": key("friend").key_id, "roles": ["custodian"], "holder": {"name": "friend"}},
        key("depot keeper"),
    )
    depot.put()
    return world.given()
