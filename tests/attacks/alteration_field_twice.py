"""The brigade shows a field that was committed to once two times, with a second value beside the
first. A path that is repeated is refused, whatever its digests say.
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
    slots.insert(place, [*slots[place][:2], canonical.pack("thief")])
    brigade.bodies[got] = canonical.pack(slots)
    brigade.put()
    return world.given()
