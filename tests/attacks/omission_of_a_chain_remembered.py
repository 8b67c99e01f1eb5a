"""The hub leaves out the port, whose entries nobody cites, and hopes that the auditor does not
count. The auditor saw the chain before: it was in the ledger, and is gone.
"""

from __future__ import annotations

import shutil

VERDICT = "cannot tell"
STEP = 8
CODE = "chain-absent"


def attack(world):
    shutil.rmtree(world.path("port"))
    return world.given(marks=world.marks)
