"""The brigade records that a checkpoint of its chain was seen that has another root, to make a
rewritten history look old. It is the chain itself that says so, and its own entries say otherwise.
"""

from __future__ import annotations

from attacks.keys import cosigned, key

from chainlog.format.checkpoint import Checkpoint, sign_checkpoint
from chainlog.format.note import format_note

VERDICT = "tampered"
STEP = 7
CODE = "checkpoint-root"


def attack(world):
    brigade = world.chain("brigade")
    true = brigade.told()
    false = sign_checkpoint(Checkpoint(true.origin, true.size, bytes(32)), key("brigade box"))
    brigade.say(
        "chain.seen",
        {"checkpoint": format_note(cosigned(false, "one")).decode()},
        key("brigade keeper"),
    )
    brigade.put()
    return world.given()
