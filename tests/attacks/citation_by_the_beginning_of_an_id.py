"""The brigade cites a dispatch that never was: an id that begins as that of a true one does, so
that whoever compares beginnings finds it. A citation is of a whole id; one that leads to no entry
that is here leaves it open what was received.
"""

from __future__ import annotations

from attacks.keys import item, key

from chainlog.events.plain_json import from_plain

VERDICT = "cannot tell"
STEP = 9
CODE = "cited-absent"


def attack(world):
    brigade = world.chain("brigade")
    cited = (world.told["sent 3"].id[:8] + bytes(24)).hex()
    parties = {"from": "depot", "to": "brigade"}
    fields = {
        "event_time": "2023-03-04T08:00:00Z",
        "lines": [item("SN-99")],
        "dispatch": cited,
        **parties,
    }
    brigade.say("receive", from_plain("receive", fields).fields, key("brigade keeper"))
    brigade.put()
    brigade.keep(brigade.checkpoint(key("brigade box"), "one", "two"))
    return world.given()
