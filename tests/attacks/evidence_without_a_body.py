"""Who shows a dispatch gives the entry and its proof, and no body: it is said in the covering
letter what was sent. What an entry says is in its body, whole or in part.
"""

from __future__ import annotations

from chainlog.format.entry import parse_entry

VERDICT = "cannot tell"
STEP = 6
CODE = "body-absent"


def attack(world):
    sent = world.at("sent 6")
    honest, told = world.evidence("depot", [sent]), world.evidence("depot", [sent])
    next(
        entry
        for entry in told["chains"][0]["entries"]
        if parse_entry(entry[0]).header.index == sent
    )[1] = b""
    return world.shown(told, honest)
