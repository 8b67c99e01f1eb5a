"""The depot's keeper takes back the last five entries and signs nine others, so that the chain is
longer than any checkpoint says. Longer is not enough: the first entries must be those that were
signed then.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "tampered"
STEP = 7
CODE = "chain-fork"


def attack(world):
    depot = world.chain("depot")
    depot.cut(depot.size - 5)
    for n in range(9):
        depot.say("transfer", transfer(f"SN-{n}"), key("depot keeper"))
    depot.put()
    return world.given()
