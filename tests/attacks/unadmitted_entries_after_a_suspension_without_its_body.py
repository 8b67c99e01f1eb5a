"""The port goes on after its suspension, and the hub drops the body of the suspension from the
authority's chain, as bodies may be absent. An entry that governs and cannot be read leaves open
what it took away.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "cannot tell"
STEP = 5
CODE = "governing-absent"


def attack(world):
    port, hq = world.chain("port"), world.chain("hq")
    port.say("transfer", transfer("SN-9"), key("port keeper"))
    port.keep(port.checkpoint(key("port box"), "one", "two"))
    port.put()
    hq.bodies[world.at("hq site.suspend")] = b""
    hq.put()
    return world.given()
