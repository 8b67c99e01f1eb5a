"""The third witness's key was stolen; the thief cosigns a false history, and shows it without the
authority's last entry, which suspends that witness. The way back over the authority's changes
begins at its last entry.
"""

from __future__ import annotations

from attacks.hands import leave_out
from attacks.keys import key

VERDICT = "cannot tell"
STEP = 2
CODE = "head-absent"


def attack(world):
    honest = world.evidence("brigade", [world.at("got 0")])
    brigade = world.chain("brigade")
    brigade.cut(brigade.size - 1)
    brigade.keep(brigade.checkpoint(key("brigade box"), "three"))
    brigade.forget(above=brigade.size)
    brigade.put()
    told = world.evidence("brigade", [world.at("got 0")])
    leave_out(told["chains"][1], world.at("hq witness.suspend"))
    return world.shown(told, honest)
