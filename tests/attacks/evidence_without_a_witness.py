"""The brigade shows its loss that was never reported under a checkpoint of its log's own, which no
witness cosigned. A history that only its site vouches for can have a twin.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "cannot tell"
STEP = 8
CODE = "not-witnessed"


def attack(world):
    honest = world.evidence("brigade", [world.at("got 0")])
    brigade = world.chain("brigade")
    brigade.cut(brigade.size - 1)
    told = {
        **honest,
        "chains": [
            brigade.part([world.at("got 0")], brigade.checkpoint(key("brigade box"))),
            honest["chains"][1],
        ],
    }
    return world.shown(told, honest)
