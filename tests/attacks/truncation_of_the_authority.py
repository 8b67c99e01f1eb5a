"""The hub hands out the authority's chain as it was before the port was suspended, so that the
port's later entries look accepted. The older copy is whole and was cosigned; the auditor remembers
a later one.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "tampered"
STEP = 8
CODE = "chain-rollback"


def attack(world):
    hq, port = world.chain("hq"), world.chain("port")
    old = int(hq.kept()[0].name[:20])
    hq.cut(old)
    hq.forget(above=old)
    hq.put()
    port.say("transfer", transfer("SN-9"), key("port keeper"))
    port.keep(port.checkpoint(key("port box"), "one", "two"))
    port.put()
    return world.given(marks=world.marks)
