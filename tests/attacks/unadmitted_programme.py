"""A chain that was opened under another authority has itself admitted here too, and would bring its
own rules and witnesses. A site belongs to the programme that its first entry names.
"""

from __future__ import annotations

from attacks.hands import open_chain, opening_of
from attacks.keys import key

VERDICT = "cannot tell"
STEP = 9
CODE = "other-programme"


def attack(world):
    false = open_chain(
        world.folder / "chains",
        opening_of("annex", programme=bytes(31) + b"\x07"),
        key("false annex"),
    )
    false.keep(false.checkpoint(key("false annex"), "one", "two"))
    false.put()
    hq = world.chain("hq")
    hq.say("site.admit", {"chain": false.id, "origin": "aid.example/annex"}, key("hq director"))
    hq.keep(hq.checkpoint(key("hq box"), "one", "two"))
    hq.put()
    return world.given()
