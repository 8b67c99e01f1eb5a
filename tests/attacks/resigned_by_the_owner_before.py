"""The depot's chief lost the key, and the spare one took over; who found it rewrites the chain from
before the recovery, which never happened then. The later checkpoint is removed. The auditor
remembers it.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "tampered"
STEP = 7
CODE = "chain-fork"


def attack(world):
    depot = world.chain("depot")
    before, _ = depot.size, depot.cut(world.at("depot key.recover"))
    depot.say(
        "key.grant",
        {"key": key("thief").key_id, "roles": ["owner"], "holder": {"name": "thief"}},
        key("depot chief"),
    )
    while depot.size < before + 2:
        depot.say("transfer", transfer(f"SN-{depot.size}"), key("thief"))
    depot.forget(above=world.at("depot key.recover"))
    depot.put()
    return world.given(marks=world.marks)
