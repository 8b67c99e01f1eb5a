"""The authority itself conspires: in a second history it admits a witness that only it knows, which
cosigns that history for it. An auditor who names the witnesses in a policy, and not only the
authority, is not taken in.
"""

from __future__ import annotations

from attacks.keys import key, witness

from chainlog.format.note import format_vkey
from chainlog.verifier.trust import Trust

VERDICT = "cannot tell"
STEP = 8
CODE = "unwitnessed"


def attack(world):
    hq = world.chain("hq")
    hq.cut(hq.size - 2)
    hq.say("witness.admit", {"vkey": format_vkey(witness("friend").vkey)}, key("hq director"))
    hq.forget(above=hq.size - 2)
    hq.keep(hq.checkpoint(key("hq box"), "friend"))
    hq.put()
    return world.given(trust=Trust(world.chains["hq"], world.both))
