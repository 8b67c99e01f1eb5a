"""One witness conspires, and signs under the name of the second too, so that a policy of two seems
to be met. A witness is a key, not a name: the second line is by nobody who counts.
"""

from __future__ import annotations

from attacks.hands import resigned
from attacks.keys import key, witness

from chainlog.format.cosignature import Ed25519Cosigner
from chainlog.verifier.trust import Trust

VERDICT = "cannot tell"
STEP = 8
CODE = "unwitnessed"


def attack(world):
    brigade = world.chain("brigade")
    brigade.forget()
    told = brigade.told()
    again = Ed25519Cosigner(witness("two").name, key("witness one")).cosign(told, 1_678_000_000)
    made = brigade.checkpoint(key("brigade box"), "one")
    brigade.keep(resigned(made, *made.signatures, again))
    return world.given(trust=Trust(world.chains["hq"], world.both))
