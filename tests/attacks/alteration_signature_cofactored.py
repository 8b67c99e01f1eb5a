"""The brigade's keeper adds a point of order two to R: verifiers that multiply by the cofactor take
the signature, the others refuse it. One rule for all: the cofactorless one. And never in batches.
"""

from __future__ import annotations

from attacks.keys import PRIME, key, scalar, signed_with

VERDICT = "tampered"
STEP = 4
CODE = "signature"


def attack(world):
    brigade = world.chain("brigade")
    nonce = key("nonce")
    y = PRIME - (int.from_bytes(nonce.key_id[1:], "little") & 2**255 - 1)
    sign = 1 - (nonce.key_id[-1] >> 7)
    brigade.entries[-1] = signed_with(
        brigade.entries[-1],
        "brigade keeper",
        (y | sign << 255).to_bytes(32, "little"),
        scalar("nonce"),
    )
    brigade.put()
    return world.given()
