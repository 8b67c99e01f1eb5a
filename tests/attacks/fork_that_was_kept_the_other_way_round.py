"""The same; but the hub now hands out the clone's branch as the chain, with a cosigned checkpoint
of it, and forgets the checkpoint of the other. What was kept of the fork still has both sides: the
one that is not the chain's was signed as well as the one that is.
"""

from __future__ import annotations

from attacks.keys import key, transfer

from chainlog.format.record import Record
from chainlog.store.segment.conflicts import keep_conflict
from chainlog.store.shelf import Conflict

VERDICT = "tampered"
STEP = 2
CODE = "chain-fork"


def attack(world):
    brigade, last = world.chain("brigade"), world.chain("brigade").size - 1
    ours = Record(brigade.entries[last], brigade.bodies[last], 0, 0)
    id_of_ours = brigade.entry(last).id
    brigade.cut(last)
    brigade.forget(above=last)
    other = brigade.say("transfer", transfer("SN-2"), key("brigade keeper"))
    theirs = Record(brigade.entries[last], brigade.bodies[last], 0, 0)
    keep_conflict(brigade.path, Conflict(brigade.id, last, id_of_ours, other.id), ours, [theirs])
    brigade.keep(brigade.checkpoint(key("brigade box"), "one", "two"))
    brigade.put()
    return world.given()
