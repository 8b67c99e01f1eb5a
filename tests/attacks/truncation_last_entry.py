"""Somebody at the brigade takes away the last entry only, the report of a loss; nobody cites it,
and the chain ends as well one earlier. The checkpoint over all of it remembers that there was one
more.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 8
CODE = "chain-rollback"


def attack(world):
    brigade = world.chain("brigade")
    brigade.cut(brigade.size - 1)
    brigade.put()
    return world.given()
