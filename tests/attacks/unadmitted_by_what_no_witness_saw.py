"""The director's key was stolen: a site of the thief's is admitted at the end of a copy of the
authority's chain that no witness will cosign. An auditor who counts only what is witnessed counts
no admission that is not.
"""

from __future__ import annotations

from attacks.hands import open_chain, opening_of
from attacks.keys import key

from chainlog.verifier.trust import Trust

VERDICT = "cannot tell"
STEP = 9
CODE = "not-admitted"


def attack(world):
    false = open_chain(
        world.folder / "chains",
        opening_of("annex", programme=world.chains["hq"]),
        key("false annex"),
    )
    false.keep(false.checkpoint(key("false annex"), "one", "two"))
    false.put()
    hq = world.chain("hq")
    hq.say("site.admit", {"chain": false.id, "origin": "aid.example/annex"}, key("hq director"))
    hq.put()
    return world.given(trust=Trust(world.chains["hq"], witnessed_only=True))
