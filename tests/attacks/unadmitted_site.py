"""Somebody opens a chain that names the true authority's programme, has it cosigned, and lays it
into the ledger beside the others. Anybody can name a programme. The authority admitted no such
chain.
"""

from __future__ import annotations

from attacks.hands import open_chain, opening_of
from attacks.keys import key

VERDICT = "cannot tell"
STEP = 9
CODE = "not-admitted"


def attack(world):
    false = open_chain(
        world.folder / "chains",
        opening_of("annex", programme=world.chains["hq"]),
        key("false annex"),
    )
    false.keep(false.checkpoint(key("false annex"), "one", "two"))
    false.put()
    return world.given()
