"""The brigade's laptop was cloned; the hub met the clone's branch in time, and keeps both sides.
What the clone wrote was never cosigned. One of the two histories was shown to somebody: as long as
the owner abandons neither, the chain is not to be believed.
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
    other = brigade.say("transfer", transfer("SN-2"), key("brigade keeper"))
    theirs = Record(brigade.entries[last], brigade.bodies[last], 0, 0)
    keep_conflict(brigade.path, Conflict(brigade.id, last, id_of_ours, other.id), ours, [theirs])
    return world.given()
