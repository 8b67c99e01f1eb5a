"""Who shows a receipt puts it under the depot's checkpoint, which is newer and better cosigned than
the brigade's. An entry names its chain, and a checkpoint its own.
"""

from __future__ import annotations

from chainlog.format.note import format_note

VERDICT = "tampered"
STEP = 2
CODE = "chain"


def attack(world):
    honest = world.evidence("brigade", [world.at("got 0")])
    told = world.evidence("brigade", [world.at("got 0")])
    told["chains"][0]["checkpoint"] = format_note(world.chain("depot").newest()).decode()
    return world.shown(told, honest)
