"""Anybody can add the group's order to the second half of an Ed25519 signature: lax verifiers take
the one and the other. Two signatures would give one entry two ids. S must be below L.
"""

from __future__ import annotations

from attacks.keys import ORDER

VERDICT = "tampered"
STEP = 4
CODE = "signature"


def attack(world):
    brigade = world.chain("brigade")
    raw = brigade.entries[-1]
    brigade.entries[-1] = raw[:-32] + (int.from_bytes(raw[-32:], "little") + ORDER).to_bytes(
        32, "little"
    )
    brigade.put()
    return world.given()
