"""Who shows a dispatch that nobody cosigned puts it into a file with an older checkpoint, which was
cosigned, and of fewer entries. A checkpoint says nothing of what came after it.
"""

from __future__ import annotations

from chainlog.format.note import parse_note

VERDICT = "tampered"
STEP = 2
CODE = "position"


def attack(world):
    depot = world.chain("depot")
    old = parse_note(depot.kept()[0].read_bytes())
    honest = world.evidence("depot", [2])
    honest["chains"][0] = depot.part([2], old)
    told = world.evidence("depot", [2])
    told["chains"][0] = depot.part([2], old)
    told["chains"][0]["entries"].append(depot.proven(world.at("sent 5"), depot.size))
    return world.shown(told, honest)
