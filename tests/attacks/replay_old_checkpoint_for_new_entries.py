"""The hub shows the brigade's new entries with an old checkpoint under the newest's file name, and
hopes that a name is taken for a size. The checkpoint is true, and covers only what it covers.
"""

from __future__ import annotations

VERDICT = "cannot tell"
STEP = 8
CODE = "unwitnessed"


def attack(world):
    brigade = world.chain("brigade")
    old, new = brigade.kept()[0], brigade.kept()[-1]
    new.write_bytes(old.read_bytes())
    return world.given()
