"""The brigade's keeper signs a checkpoint of a history of the keeper's own, conspiring witnesses
cosign it, and a file is made from that. Only a log or an owner speaks for a chain.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "cannot tell"
STEP = 8
CODE = "checkpoint-unsigned"


def attack(world):
    honest = world.evidence("brigade", [world.at("got 0")])
    brigade = world.chain("brigade")
    brigade.cut(brigade.size - 1)
    made = brigade.checkpoint(key("brigade keeper"), "one", "two")
    told = {**honest, "chains": [brigade.part([world.at("got 0")], made), honest["chains"][1]]}
    return world.shown(told, honest)
