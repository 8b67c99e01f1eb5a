"""The brigade claims to show all that it received in a week, and leaves out one receipt in the
middle; each that it shows is proven. A range says that every entry is here: one is not.
"""

from __future__ import annotations

from attacks.hands import leave_out

VERDICT = "cannot tell"
STEP = 2
CODE = "range-gap"


def attack(world):
    between = range(world.at("got 1"), world.at("got 4") + 1)
    claims = {"claim": "range", "from": between[0], "to": between[-1]}
    honest, told = (
        world.evidence("brigade", between, **claims),
        world.evidence("brigade", between, **claims),
    )
    leave_out(told["chains"][0], world.at("got 2"))
    return world.shown(told, honest)
