"""The depot's spare key, which took over once, takes over a second time, to put out of force an
owner that was granted since. A commitment is used up by the recovery that it allowed.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "tampered"
STEP = 5
CODE = "not-next"


def attack(world):
    depot = world.chain("depot")
    depot.say(
        "key.grant",
        {"key": key("new chief").key_id, "roles": ["owner"], "holder": {"name": "new chief"}},
        key("depot spare"),
    )
    depot.say("key.recover", {"key": key("depot spare").key_id}, key("depot spare"))
    depot.put()
    return world.given()
