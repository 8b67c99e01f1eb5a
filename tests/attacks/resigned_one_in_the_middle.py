"""The depot's keeper, whose key is in force, signs one old dispatch anew with another content, and
leaves all that follows as it is. What follows links to the entry that was there.
"""

from __future__ import annotations

from attacks.keys import key, transfer

VERDICT = "tampered"
STEP = 2
CODE = "link"


def attack(world):
    depot = world.chain("depot")
    sent = world.at("sent 6")
    depot.sign(sent, key("depot keeper"), body=depot.body(sent, transfer()))
    depot.put()
    return world.given()
