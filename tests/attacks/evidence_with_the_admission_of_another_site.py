"""Who shows the depot's entry gives the authority's admission of the brigade with it, which is as
true, and not the depot's. Every chain in a file needs its own.
"""

from __future__ import annotations

from attacks.hands import leave_out

VERDICT = "cannot tell"
STEP = 9
CODE = "not-admitted"


def attack(world):
    honest = world.evidence("depot", [world.at("sent 0")])
    told = world.evidence("depot", [world.at("sent 0")])
    hq = world.chain("hq")
    mine = next(index for index in range(hq.size) if hq.header(index).kind == "site.admit")
    leave_out(told["chains"][1], mine)
    return world.shown(told, honest)
