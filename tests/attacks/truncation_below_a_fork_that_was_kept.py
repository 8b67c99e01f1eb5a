"""The hub cuts the brigade to before the place where it was forked, with a checkpoint of that size,
and both histories seem not to have been. What was kept of the fork says that the chain had an entry
there: two of them, both signed.
"""

from __future__ import annotations

from attacks.keys import key, transfer

from chainlog.format.record import Record
from chainlog.store.segment.conflicts import keep_conflict
from chainlog.store.shelf import Conflict

VERDICT = "cannot tell"
STEP = 2
CODE = "fork-beyond"


def attack(world):
    brigade, last = world.chain("brigade"), world.chain("brigade").size - 1
    ours = Record(brigade.entries[last], brigade.bodies[last], 0, 0)
    id_of_ours = brigade.entry(last).id
    brigade.cut(last)
    other = brigade.say("transfer", transfer("SN-2"), key("brigade keeper"))
    theirs = Record(brigade.entries[last], brigade.bodies[last], 0, 0)
    keep_conflict(brigade.path, Conflict(brigade.id, last, id_of_ours, other.id), ours, [theirs])
    brigade.cut(last - 1)
    brigade.forget(above=last - 1)
    brigade.keep(brigade.checkpoint(key("brigade box"), "one", "two"))
    brigade.put()
    return world.given()
