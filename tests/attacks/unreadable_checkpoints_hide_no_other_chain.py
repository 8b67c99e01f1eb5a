"""A courier alters a dispatch of the depot's, and fills the port's folder of checkpoints with more
files than anybody reads: a verification that gives up there would never come to the depot.
"""

from __future__ import annotations

from attacks.keys import transfer

from chainlog.store.checkpoints import FILES_LIMIT

VERDICT = "tampered"
STEP = 6
CODE = "body"


def attack(world):
    depot = world.chain("depot")
    depot.body(world.at("sent 6"), transfer())
    depot.put()
    folder = world.path("port") / "checkpoints"
    for number in range(FILES_LIMIT + 1):
        (folder / f"{number:020d}-{number:064x}.checkpoint").touch()
    return world.given()
