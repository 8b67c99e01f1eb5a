"""The depot got a new key for its checkpoints, which signed the newest; whoever has the disk cuts
the chain to before that key was granted. In what is left the key is nobody's, so its word should
not count. The witnesses' does.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "tampered"
STEP = 8
CODE = "chain-rollback"


def attack(world):
    depot = world.chain("depot")
    depot.say(
        "key.grant",
        {"key": key("new box").key_id, "roles": ["log"], "holder": {"name": "new box"}},
        key("depot spare"),
    )
    depot.keep(depot.checkpoint(key("new box"), "one"))
    depot.cut(depot.size - 1)
    depot.put()
    return world.given()
