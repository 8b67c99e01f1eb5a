"""Both witnesses conspire, and cosign a history that the brigade's log never signed. A checkpoint
is the log's word; witnesses add to it, and do not take its place.
"""

from __future__ import annotations

from attacks.keys import cosigned

from chainlog.format.note import Note

VERDICT = "cannot tell"
STEP = 8
CODE = "unwitnessed"


def attack(world):
    brigade = world.chain("brigade")
    brigade.cut(brigade.size - 1)
    brigade.forget()
    brigade.keep(cosigned(Note(brigade.told().text, ()), "one", "two"))
    brigade.put()
    return world.given()
