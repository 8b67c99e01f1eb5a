"""The brigade has a witness cosign the same size and root under the origin line of another log, and
puts that cosignature under its own. A cosignature is over the origin line too.
"""

from __future__ import annotations

from attacks.hands import resigned
from attacks.keys import key, witness

VERDICT = "cannot tell"
STEP = 8
CODE = "unwitnessed"


def attack(world):
    brigade = world.chain("brigade")
    other = brigade.told(origin=f"aid.example/shadow/{bytes(32).hex()}")
    brigade.forget()
    made = brigade.checkpoint(key("brigade box"))
    brigade.keep(resigned(made, *made.signatures, witness("one").cosign(other, 1_678_000_000)))
    brigade.put()
    return world.given()
