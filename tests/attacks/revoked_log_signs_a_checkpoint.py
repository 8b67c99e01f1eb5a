"""The machine that signs the depot's checkpoints was broken into and its key revoked; who has the
key signs one more, and witnesses cosign it. Who might sign a checkpoint is a matter of its size:
this one might not.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "cannot tell"
STEP = 8
CODE = "unwitnessed"


def attack(world):
    depot = world.chain("depot")
    depot.say(
        "key.revoke", {"key": key("depot box").key_id, "reason": "compromised"}, key("depot spare")
    )
    depot.say("transfer", transfer(), key("depot keeper"))
    depot.keep(depot.checkpoint(key("depot box"), "one", "two"))
    depot.put()
    return world.given()
