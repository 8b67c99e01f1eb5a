"""Whoever broke into the authority's checkpoint machine admits a witness with its key, and has it
cosign everything. The key may sign checkpoints, and admit nobody.
"""

from __future__ import annotations

from attacks.keys import key, witness

from chainlog.format.note import format_vkey

VERDICT = "tampered"
STEP = 5
CODE = "not-owner"


def attack(world):
    hq = world.chain("hq")
    hq.say("witness.admit", {"vkey": format_vkey(witness("friend").vkey)}, key("hq box"))
    hq.keep(hq.checkpoint(key("hq box"), "friend"))
    hq.put()
    return world.given()
