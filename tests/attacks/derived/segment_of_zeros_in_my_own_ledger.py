"""The same in a ledger whose reader has a mark of the chain, and an index that says how long it
is.
"""

from __future__ import annotations

from attacks.derived.hand import everything, lay_index, rows_of

SAYS = "not one entry can be read"


def prepare(scene):
    scene.mark("hq")
    lay_index(scene.chain("hq"), rows_of(scene.chain("hq")))


def asks(scene):
    return everything(scene)


def attack(scene):
    path = min(scene.world.path("hq").glob("*.seg"))
    path.write_bytes(bytes(path.stat().st_size))
