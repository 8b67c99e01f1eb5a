"""The brigade makes a witness with the name of one that counts, and its own key, and has it cosign.
Names prove nothing: keys are told apart by their hash, and believed for their signature.
"""

from __future__ import annotations

from attacks.hands import resigned
from attacks.keys import key, witness

from chainlog.format.cosignature import Ed25519Cosigner

VERDICT = "cannot tell"
STEP = 8
CODE = "unwitnessed"


def attack(world):
    brigade = world.chain("brigade")
    brigade.cut(brigade.size - 1)
    brigade.forget()
    made = brigade.checkpoint(key("brigade box"))
    false = Ed25519Cosigner(witness("one").name, key("false witness")).cosign(
        brigade.told(), 1_678_000_000
    )
    brigade.keep(resigned(made, *made.signatures, false))
    brigade.put()
    return world.given()
