"""An attacker without any key gives himself one of small order, under which signatures of anybody
hold for many messages. Such a key is refused wherever it appears, before anything is asked of it.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "tampered"
STEP = 3
CODE = "key-form"


def attack(world):
    brigade = world.chain("brigade")
    weak = b"\x01" + (1).to_bytes(32, "little")
    header = brigade.header(-1)
    brigade.sign(brigade.size - 1, key("thief"), author=weak, body=header.body)
    brigade.put()
    return world.given()
