"""The port went on after its suspension, had it cosigned, and shows such an entry, in the hope that
nobody compares indexes. From the index that the suspension names nothing is accepted.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "tampered"
STEP = 9
CODE = "site-suspended"


def attack(world):
    honest = world.evidence("port", [1])
    port = world.chain("port")
    port.say("transfer", transfer("SN-9"), key("port keeper"))
    port.keep(port.checkpoint(key("port box"), "one", "two"))
    port.put()
    return world.shown(world.evidence("port", [port.size - 1]), honest)
