"""A file system without small letters: the segments came back as `.SEG`, and are none by their
names.
"""

from __future__ import annotations

from attacks.derived.hand import everything

SAYS = "not one entry can be read"


def asks(scene):
    return everything(scene)


def attack(scene):
    for path in scene.world.path("hq").glob("*.seg"):
        path.rename(path.with_suffix(".SEG"))
