"""A disk that lost a block gives zeros where the chain begins: what follows is left unread by
whoever reads from the beginning, and it was listed as nothing.
"""

from __future__ import annotations

from attacks.derived.hand import everything

SAYS = "not one entry can be read"


def asks(scene):
    return everything(scene)


def attack(scene):
    path = min(scene.world.path("hq").glob("*.seg"))
    path.write_bytes(bytes(path.stat().st_size))
