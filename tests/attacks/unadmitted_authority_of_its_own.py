"""A chain without any programme, so an authority's own, is laid beside the others and even
admitted: it could itself admit and suspend. One authority is trusted; a second one is nobody.
"""

from __future__ import annotations

from attacks.hands import open_chain, opening_of
from attacks.keys import key

VERDICT = "cannot tell"
STEP = 9
CODE = "other-programme"


def attack(world):
    false = open_chain(world.folder / "chains", opening_of("annex"), key("false annex"))
    false.keep(false.checkpoint(key("false annex"), "one", "two"))
    false.put()
    hq = world.chain("hq")
    hq.say("site.admit", {"chain": false.id, "origin": "aid.example/annex"}, key("hq director"))
    hq.keep(hq.checkpoint(key("hq box"), "one", "two"))
    hq.put()
    return world.given()
