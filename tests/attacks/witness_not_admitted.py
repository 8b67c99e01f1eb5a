"""The port sets up witnesses of its own, as many as one likes, and has a rewritten history cosigned
by all of them. A witness counts when the authority admitted it.
"""

from __future__ import annotations

from attacks.keys import key

VERDICT = "cannot tell"
STEP = 8
CODE = "not-witnessed"


def attack(world):
    port = world.chain("port")
    port.cut(port.size - 1)
    port.forget()
    port.keep(port.checkpoint(key("port box"), *(f"false-{n}" for n in range(20))))
    port.put()
    return world.given()
