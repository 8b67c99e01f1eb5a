"""The authority's chain is handed over by itself, in a folder with the name of a place in place of
the chain's id, rolled back to an older checkpoint. The auditor saw more of that chain before: what
is remembered goes by what the chain is, not by what a folder is called.
"""

from __future__ import annotations

import shutil

VERDICT = "tampered"
STEP = 8
CODE = "chain-rollback"


def attack(world):
    hq = world.chain("hq")
    old = int(hq.kept()[0].name[:20])
    hq.cut(old)
    hq.forget(above=old)
    hq.put()
    shutil.copytree(hq.path, world.home / "stick" / "headquarters")
    return world.given(folder=world.home / "stick" / "headquarters", marks=world.marks)
