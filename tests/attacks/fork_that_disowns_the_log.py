"""The brigade rewrites its chain so that the key that signed the checkpoints is revoked by entry 1:
in the new history that key might sign nothing. What enough witnesses cosigned was made, whatever
the chain now says of its log.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "tampered"
STEP = 7
CODE = "chain-fork"


def attack(world):
    brigade = world.chain("brigade")
    brigade.cut(1)
    brigade.say(
        "key.revoke",
        {"key": key("brigade box").key_id, "reason": "compromised"},
        key("brigade major"),
    )
    for n in range(20):
        brigade.say("transfer", transfer(f"SN-{n}"), key("brigade keeper"))
    brigade.put()
    return world.given()
