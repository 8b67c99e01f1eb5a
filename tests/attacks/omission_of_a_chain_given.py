"""The hub leaves out the port, whose entries nobody cites; but the port itself gave the auditor its
newest checkpoint. A checkpoint of a chain that is not here is not one that says nothing.
"""

from __future__ import annotations

import shutil

VERDICT = "cannot tell"
STEP = 8
CODE = "chain-absent"


def attack(world):
    port = world.chain("port").kept()[-1].read_bytes()
    shutil.rmtree(world.path("port"))
    return world.given(checkpoints=(port,))
