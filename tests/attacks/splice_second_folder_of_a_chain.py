"""Whoever has the disk keeps a second, shorter copy of the depot's chain in another folder, for
readers who take the first that they find. One chain has one place: a folder that is not named after
its chain is tampering.
"""

from __future__ import annotations

import shutil

VERDICT = "tampered"
STEP = 2
CODE = "chain"


def attack(world):
    shutil.copytree(world.path("depot"), world.folder / "chains" / ("0" * 64))
    return world.given()
