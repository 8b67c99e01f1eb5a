"""The brigade found a key whose four bytes of hash are those of a witness that counts, under the
same name; that is a morning's work. Name and hash only find the key. The signature is verified by
the key that was admitted, and does not hold.
"""

from __future__ import annotations

from attacks.hands import resigned
from attacks.keys import key, witness

from chainlog.format.cosignature import Ed25519Cosigner
from chainlog.format.note import Signature

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
    brigade.keep(
        resigned(
            made, *made.signatures, Signature(false.name, witness("one").vkey.key_hash, false.value)
        )
    )
    brigade.put()
    return world.given()
