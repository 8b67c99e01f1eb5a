"""Who shows two dispatches gives each the proof of the other: both prove something of this chain,
under this checkpoint. A proof leads from one entry, at one index, to the root.
"""

from __future__ import annotations

from chainlog.format.entry import parse_entry

VERDICT = "tampered"
STEP = 7
CODE = "proof"


def attack(world):
    shown = [world.at("sent 5"), world.at("sent 6")]
    honest, told = world.evidence("depot", shown), world.evidence("depot", shown)
    one, two = (
        entry
        for entry in told["chains"][0]["entries"]
        if parse_entry(entry[0]).header.index in shown
    )
    one[2], two[2] = two[2], one[2]
    return world.shown(told, honest)
