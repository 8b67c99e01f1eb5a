"""The brigade records a checkpoint of more entries than there are before the record, so that what
comes after seems to be cosigned already. What was seen cannot be larger than what was there.
"""

from __future__ import annotations

from attacks.keys import cosigned, key

from chainlog.format.checkpoint import Checkpoint, sign_checkpoint
from chainlog.format.note import format_note

VERDICT = "tampered"
STEP = 7
CODE = "checkpoint-ahead"


def attack(world):
    brigade = world.chain("brigade")
    true = brigade.told()
    false = sign_checkpoint(Checkpoint(true.origin, true.size + 5, true.root), key("brigade box"))
    brigade.say(
        "chain.seen",
        {"checkpoint": format_note(cosigned(false, "one")).decode()},
        key("brigade keeper"),
    )
    brigade.put()
    return world.given()
