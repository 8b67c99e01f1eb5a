"""The depot's people open their chain a second time, under the same origin and the same authority,
and leave out what they do not like; it is even cosigned. A chain is named by its first entry, not
by its origin: the authority admitted another one.
"""

from __future__ import annotations

import shutil

from attacks.hands import open_chain, opening_of
from attacks.keys import key, transfer

VERDICT = "cannot tell"
STEP = 9
CODE = "not-admitted"


def attack(world):
    fresh = open_chain(
        world.folder / "chains",
        opening_of("depot", programme=world.chains["hq"]),
        key("false depot"),
    )
    fresh.say("transfer", transfer(), key("false depot"))
    fresh.keep(fresh.checkpoint(key("false depot"), "one", "two"))
    fresh.put()
    shutil.rmtree(world.path("depot"))
    return world.given()
