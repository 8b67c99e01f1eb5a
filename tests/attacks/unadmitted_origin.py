"""The authority admitted a chain as that of an annex; the chain itself calls itself the depot, and
would be taken for it. A site is admitted under an origin: it must be the one in its first entry.
"""

from __future__ import annotations

from attacks.hands import open_chain, opening_of
from attacks.keys import key

VERDICT = "cannot tell"
STEP = 9
CODE = "admission-origin"


def attack(world):
    false = open_chain(
        world.folder / "chains",
        opening_of("depot", programme=world.chains["hq"]),
        key("false depot"),
    )
    false.keep(false.checkpoint(key("false depot"), "one", "two"))
    false.put()
    hq = world.chain("hq")
    hq.say("site.admit", {"chain": false.id, "origin": "aid.example/annex"}, key("hq director"))
    hq.keep(hq.checkpoint(key("hq box"), "one", "two"))
    hq.put()
    return world.given()
