"""The hub rolls the brigade back to an older cosigned checkpoint and forgets the newer; the
auditor's folder of checkpoints was lost. How far the auditor verified, the auditor's own signed
note says.
"""

from __future__ import annotations

import shutil

VERDICT = "tampered"
STEP = 8
CODE = "chain-rollback"


def attack(world):
    brigade = world.chain("brigade")
    old = int(brigade.kept()[0].name[:20])
    brigade.cut(old)
    brigade.forget(above=old)
    brigade.put()
    shutil.rmtree(world.home / "auditor" / "checkpoints")
    return world.given(marks=world.marks, resume=True)
