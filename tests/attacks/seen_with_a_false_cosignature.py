"""The brigade records a checkpoint with a cosignature of its own making under the name and key hash
of a witness that counts, at a time that suits. The line names a witness, and does not hold: the
brigade signed a forgery into its own chain.
"""

from __future__ import annotations

from attacks.hands import resigned
from attacks.keys import key, witness

from chainlog.format.note import Signature, format_note

VERDICT = "tampered"
STEP = 8
CODE = "checkpoint-signature"


def attack(world):
    brigade = world.chain("brigade")
    one = witness("one")
    true = brigade.checkpoint(key("brigade box"))
    line = Signature(one.name, one.vkey.key_hash, (1_600_000_000).to_bytes(8) + bytes(64))
    false = format_note(resigned(true, *true.signatures, line)).decode()
    brigade.say("chain.seen", {"checkpoint": false}, key("brigade keeper"))
    brigade.put()
    return world.given()
