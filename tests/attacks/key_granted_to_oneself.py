"""An attacker begins by granting himself the role of an owner, in an entry that he signs himself,
and then signs as one. A grant counts when an owner in force signed it.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "tampered"
STEP = 5
CODE = "key-unknown"


def attack(world):
    brigade = world.chain("brigade")
    brigade.say(
        "key.grant",
        {"key": key("thief").key_id, "roles": ["owner"], "holder": {"name": "thief"}},
        key("thief"),
    )
    brigade.say("transfer", transfer(), key("thief"))
    brigade.put()
    return world.given()
