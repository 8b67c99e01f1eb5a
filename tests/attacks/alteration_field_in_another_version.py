"""The brigade shows one auditor a receipt with a field of another value, under the salt that the
true one has, and withholds the rest. Each field is committed to, once: only one value fits.
"""

from __future__ import annotations

from chainlog.format import canonical

VERDICT = "tampered"
STEP = 6
CODE = "body"


def attack(world):
    brigade = world.chain("brigade")
    got = world.at("got 0")
    slots = canonical.decode(brigade.bodies[got])
    place = next(at for at, slot in enumerate(slots) if slot[0] == "to")
    slots[place] = [*slots[place][:2], canonical.pack("thief")]
    brigade.bodies[got] = canonical.pack(slots)
    brigade.put()
    return world.given()
