"""The depot's owner is talked into granting the helper's old key again, 'since it was found';
whoever copied it meanwhile has it too. A revoked key never returns, whoever grants it.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "tampered"
STEP = 5
CODE = "key-returns"


def attack(world):
    depot = world.chain("depot")
    depot.say(
        "key.grant",
        {"key": key("depot helper").key_id, "roles": ["custodian"], "holder": {"name": "helper"}},
        key("depot spare"),
    )
    depot.put()
    return world.given()
