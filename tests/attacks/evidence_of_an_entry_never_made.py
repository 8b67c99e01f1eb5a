"""The depot's keeper shows a transfer that was signed today with a key in force, at an index that
another entry has, with that one's proof. The signature holds, and the tree holds another entry
there.
"""

from __future__ import annotations

from attacks.keys import key, transfer

from chainlog.format.entry import parse_entry

VERDICT = "tampered"
STEP = 7
CODE = "proof"


def attack(world):
    sent = world.at("sent 6")
    honest, told = world.evidence("depot", [sent]), world.evidence("depot", [sent])
    depot = world.chain("depot")
    depot.sign(sent, key("depot keeper"), body=depot.body(sent, transfer()))
    row = next(
        entry
        for entry in told["chains"][0]["entries"]
        if parse_entry(entry[0]).header.index == sent
    )
    row[0], row[1] = depot.entries[sent], depot.bodies[sent]
    return world.shown(told, honest)
