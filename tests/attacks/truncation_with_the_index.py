"""Whoever has the disk cuts the chain, and the files derived from it too, so that all of the store
agrees with itself. Derived files are never asked; the checkpoint is.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 8
CODE = "chain-rollback"


def attack(world):
    depot = world.chain("depot")
    depot.cut(depot.size - 4)
    depot.put()
    index = depot.path / "index"
    index.write_bytes(index.read_bytes()[: 40 * depot.size])
    (depot.path / "tree").unlink(missing_ok=True)
    return world.given()
