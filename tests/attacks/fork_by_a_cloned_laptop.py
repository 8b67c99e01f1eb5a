"""The brigade's laptop was cloned, and both go on, each with the true keys; the hub has, and shows,
only the clone's branch, with its own checkpoint. The auditor saw the other branch before.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "tampered"
STEP = 7
CODE = "chain-fork"


def attack(world):
    brigade = world.chain("brigade")
    brigade.cut(brigade.size - 2)
    for n in range(4):
        brigade.say("transfer", transfer(f"SN-{n}"), key("brigade keeper"))
    brigade.forget(above=brigade.size - 4)
    brigade.keep(brigade.checkpoint(key("brigade box"), "one"))
    brigade.put()
    return world.given(marks=world.marks)
