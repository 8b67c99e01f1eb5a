"""The depot's owner writes a governing entry of a kind that no version has, behind which the helper
signs again, 'reinstated'. What cannot be read may have changed who may sign: from there on nobody
can tell.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "cannot tell"
STEP = 5
CODE = "kind-unknown"


def attack(world):
    depot = world.chain("depot")
    depot.say("key.reinstate", {"key": key("depot helper").key_id}, key("depot spare"))
    depot.say("transfer", transfer(), key("depot helper"))
    depot.put()
    return world.given()
