"""The brigade records the depot's checkpoint as one of its own that was seen, and takes its
cosigned time for itself. A checkpoint of another chain says nothing of this one.
"""

from __future__ import annotations

from attacks.keys import key

from chainlog.format.note import format_note

VERDICT = "tampered"
STEP = 7
CODE = "checkpoint-foreign"


def attack(world):
    brigade = world.chain("brigade")
    theirs = format_note(world.chain("depot").newest()).decode()
    brigade.say("chain.seen", {"checkpoint": theirs}, key("brigade keeper"))
    brigade.put()
    return world.given()
