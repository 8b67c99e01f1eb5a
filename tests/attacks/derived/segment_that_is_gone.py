"""Whoever hands over the authority's ledger takes away its own chain's segments. Its
checkpoints stay, and so do the other chains: an audit of these alone found nothing, and said
nothing.
"""

from __future__ import annotations

from attacks.derived.hand import everything

SAYS = "not one entry can be read"


def asks(scene):
    return everything(scene)


def attack(scene):
    for path in scene.world.path("hq").glob("*.seg"):
        path.unlink()
