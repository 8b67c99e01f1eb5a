"""The brigade's spare key was found out and revoked before it was ever used; who has it recovers
the chain with it all the same. A revocation bars the key from everything, also from what was
committed to.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "tampered"
STEP = 5
CODE = "key-revoked"


def attack(world):
    brigade = world.chain("brigade")
    brigade.say(
        "key.revoke",
        {"key": key("brigade spare").key_id, "reason": "compromised"},
        key("brigade major"),
    )
    brigade.say("key.recover", {"key": key("brigade spare").key_id}, key("brigade spare"))
    brigade.put()
    return world.given()
