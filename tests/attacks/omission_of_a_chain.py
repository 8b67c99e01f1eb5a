"""The hub leaves the depot's chain out altogether: every chain that it does hand over is whole and
witnessed. The brigade's receipts cite dispatches that are not here, and the authority admitted a
site whose chain is not here: nobody can say what it says.
"""

from __future__ import annotations

import shutil

VERDICT = "cannot tell"
STEP = 9
CODE = "cited-absent"


def attack(world):
    shutil.rmtree(world.path("depot"))
    return world.given()
