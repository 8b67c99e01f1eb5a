"""Who shows a dispatch gives its proof under an older checkpoint, in which it stands at the same
index, with the newest checkpoint's text. A proof is for one size of the tree.
"""

from __future__ import annotations

from chainlog.format.entry import parse_entry

VERDICT = "tampered"
STEP = 7
CODE = "proof"


def attack(world):
    honest, told = world.evidence("depot", [2]), world.evidence("depot", [2])
    depot = world.chain("depot")
    old = int(depot.kept()[0].name[:20])
    next(
        entry for entry in told["chains"][0]["entries"] if parse_entry(entry[0]).header.index == 2
    )[2] = depot.proven(2, old)[2]
    return world.shown(told, honest)
