"""An attacker with the disk and no key of the brigade signs its last entries anew with his own,
linked as they should be. The signatures hold. The key was never granted there.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "tampered"
STEP = 5
CODE = "key-unknown"


def attack(world):
    brigade = world.chain("brigade")
    brigade.sign_on(brigade.size - 3, [], key("thief"))
    brigade.put()
    return world.given()
