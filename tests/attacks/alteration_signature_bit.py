"""Whoever has the disk flips one bit of a signature in the middle of the chain: the header says all
that it said. It does not hold; and since the id covers the signature, nothing links to it any more
either.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 4
CODE = "signature"


def attack(world):
    depot = world.chain("depot")
    sent = world.at("sent 6")
    depot.entries[sent] = depot.entries[sent][:-1] + bytes([depot.entries[sent][-1] ^ 1])
    depot.put()
    return world.given()
