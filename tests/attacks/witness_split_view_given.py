"""The brigade and both witnesses conspire, and cosign two histories of one length: one was shown to
the depot, the other to the auditor. The depot gave the auditor the checkpoint that it was shown.
One log, one size, two roots.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "tampered"
STEP = 7
CODE = "chain-fork"


def attack(world):
    brigade = world.chain("brigade")
    shown = brigade.kept()[-1].read_bytes()
    brigade.cut(brigade.size - 1)
    brigade.forget(above=brigade.size)
    brigade.say("transfer", transfer("SN-2"), key("brigade keeper"))
    brigade.keep(brigade.checkpoint(key("brigade box"), "one", "two"))
    brigade.put()
    return world.given(checkpoints=(shown,))
