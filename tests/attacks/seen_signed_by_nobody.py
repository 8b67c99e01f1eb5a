"""The brigade records a checkpoint of the right size and root that only a witness signed, and no
log key of the chain. What a chain records as its checkpoint, its log has signed.
"""

from __future__ import annotations

from attacks.keys import cosigned, key

from chainlog.format.note import Note, format_note

VERDICT = "tampered"
STEP = 8
CODE = "checkpoint-unsigned"


def attack(world):
    brigade = world.chain("brigade")
    false = cosigned(Note(brigade.told().text, ()), "one")
    brigade.say("chain.seen", {"checkpoint": format_note(false).decode()}, key("brigade keeper"))
    brigade.put()
    return world.given()
