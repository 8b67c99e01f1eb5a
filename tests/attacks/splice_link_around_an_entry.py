"""The brigade's keeper signs the last entry so that it follows the one before the last, as if that
had never been. The place is right, and the signature holds; the link is wrong.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "tampered"
STEP = 2
CODE = "link"


def attack(world):
    brigade = world.chain("brigade")
    last = brigade.size - 1
    brigade.sign(last, key("brigade keeper"), prev=brigade.entry(last - 2).id)
    brigade.put()
    return world.given()
