"""The brigade cites an entry of a chain that nobody admitted, shows that chain to the auditor once,
and then takes it away. What was found the first time stood in a chain that does not count, so the
auditor looks for it again and does not find it.
"""

from __future__ import annotations

import shutil

from attacks.hands import open_chain, opening_of
from attacks.keys import item, key, transfer

from chainlog.events.plain_json import from_plain

VERDICT = "cannot tell"
STEP = 9
CODE = "cited-absent"


def attack(world):
    friend = open_chain(world.folder / "chains", opening_of("nowhere"), key("false nowhere"))
    sent = friend.say("transfer", transfer("SN-99"), key("false nowhere"))
    friend.put()
    brigade = world.chain("brigade")
    parties = {"from": "depot", "to": "brigade"}
    fields = {
        "event_time": "2023-03-04T08:00:00Z",
        "lines": [item("SN-99")],
        "dispatch": sent.id.hex(),
        **parties,
    }
    brigade.say("receive", from_plain("receive", fields).fields, key("brigade keeper"))
    brigade.put()
    brigade.keep(brigade.checkpoint(key("brigade box"), "one", "two"))
    world.given(marks=world.marks, resume=True).look()
    shutil.rmtree(friend.path)
    return world.given(marks=world.marks, resume=True)
