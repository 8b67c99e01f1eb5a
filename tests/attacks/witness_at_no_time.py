"""A witness that keeps no state cosigns whatever it is shown, with a time of 0, by which it says
that it does not know of anything larger. Such a cosignature verifies, and counts for nothing.
"""

from __future__ import annotations

from attacks.hands import resigned
from attacks.keys import key, witness

from chainlog.format.cosignature import message
from chainlog.format.note import Signature

VERDICT = "cannot tell"
STEP = 8
CODE = "unwitnessed"


def attack(world):
    brigade = world.chain("brigade")
    brigade.cut(brigade.size - 1)
    brigade.forget()
    made, told, one = brigade.checkpoint(key("brigade box")), brigade.told(), witness("one")
    value = bytes(8) + one.signer.sign(message(one.vkey, told, 0))
    brigade.keep(resigned(made, *made.signatures, Signature(one.name, one.vkey.key_hash, value)))
    brigade.put()
    return world.given()
