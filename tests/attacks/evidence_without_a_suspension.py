"""The port went on after its suspension, and shows such an entry with its admission, and without
the suspension that came after. A suspension moves the pointer, so that leaving it out leaves a gap.
"""

from __future__ import annotations

from attacks.hands import leave_out
from attacks.keys import key, transfer

VERDICT = "cannot tell"
STEP = 5
CODE = "roster-gap"


def attack(world):
    honest = world.evidence("port", [1])
    port = world.chain("port")
    port.say("transfer", transfer("SN-9"), key("port keeper"))
    port.keep(port.checkpoint(key("port box"), "one", "two"))
    port.put()
    told = world.evidence("port", [port.size - 1])
    leave_out(told["chains"][1], world.at("hq site.suspend"))
    return world.shown(told, honest)
