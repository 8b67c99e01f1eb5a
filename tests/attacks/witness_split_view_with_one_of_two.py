"""The brigade and one of two witnesses conspire against an auditor who remembers nothing; the other
witness will not cosign a second history. The auditor's policy asks for both.
"""

from __future__ import annotations

from attacks.keys import key, transfer

from chainlog.verifier.trust import Trust

VERDICT = "cannot tell"
STEP = 8
CODE = "unwitnessed"


def attack(world):
    brigade = world.chain("brigade")
    brigade.cut(brigade.size - 1)
    brigade.forget()
    brigade.say("transfer", transfer("SN-2"), key("brigade keeper"))
    brigade.keep(brigade.checkpoint(key("brigade box"), "one"))
    brigade.put()
    return world.given(trust=Trust(world.chains["hq"], world.both))
