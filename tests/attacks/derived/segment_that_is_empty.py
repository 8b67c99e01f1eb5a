"""The stick was taken out too early: the segment of the authority's own chain is there, and
empty. Nothing was listed and exported, with exit code 0, and `status` named an entry -1.
"""

from __future__ import annotations

from attacks.derived.hand import everything

SAYS = "not one entry can be read"


def asks(scene):
    return everything(scene)


def attack(scene):
    for path in scene.world.path("hq").glob("*.seg"):
        path.write_bytes(b"")
