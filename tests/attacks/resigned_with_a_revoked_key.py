"""Whoever stole the helper's key alters one of the helper's own dispatches and signs all that
follows anew with that one key. The revocation, which anybody may sign for his own key, is among it:
from there on the key signs nothing.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "tampered"
STEP = 5
CODE = "key-revoked"


def attack(world):
    depot = world.chain("depot")
    sent = world.at("sent 0")
    depot.sign(sent, key("depot helper"), body=depot.body(sent, transfer()))
    depot.sign_on(sent + 1, [], key("depot helper"))
    depot.put()
    return world.given()
