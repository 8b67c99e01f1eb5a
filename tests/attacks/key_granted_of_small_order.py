"""The brigade's major grants a key of small order, under which anybody can sign, and can later say
that anybody did. Such a key is refused in a grant as it is as an author.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "tampered"
STEP = 3
CODE = "key-form"


def attack(world):
    brigade = world.chain("brigade")
    weak = b"\x01" + bytes(32)
    brigade.say(
        "key.grant",
        {"key": weak, "roles": ["custodian"], "holder": {"name": "anybody"}},
        key("brigade major"),
    )
    brigade.put()
    return world.given()
