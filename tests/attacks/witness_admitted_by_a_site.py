"""The brigade admits a witness of its own in its own chain, and has it cosign. Witnesses are the
authority's to admit.
"""

from __future__ import annotations

from attacks.keys import key, witness

from chainlog.format.note import format_vkey

VERDICT = "tampered"
STEP = 5
CODE = "not-authority"


def attack(world):
    brigade = world.chain("brigade")
    brigade.say(
        "witness.admit", {"vkey": format_vkey(witness("friend").vkey)}, key("brigade major")
    )
    brigade.forget()
    brigade.keep(brigade.checkpoint(key("brigade box"), "friend"))
    brigade.put()
    return world.given()
