"""The brigade's keeper signs only the last entry anew, word for word the same, with an earlier
time: nothing follows that would link to it. The tree commits to the time and to the signature.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "tampered"
STEP = 7
CODE = "chain-fork"


def attack(world):
    brigade = world.chain("brigade")
    last = brigade.size - 1
    brigade.sign(last, key("brigade keeper"), time=brigade.header(last).time - 86_400_000)
    brigade.put()
    return world.given()
