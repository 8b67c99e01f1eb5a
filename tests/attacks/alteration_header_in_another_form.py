"""The brigade's keeper writes the index in two bytes where one is enough, and signs that: the same
header with another id. One value has one encoding; a valid signature over another is nothing.
"""

from __future__ import annotations

from attacks.keys import key

from chainlog.format.entry import SIGNED_PREFIX

VERDICT = "tampered"
STEP = 1
CODE = "entry"


def attack(world):
    brigade = world.chain("brigade")
    header = brigade.entries[-1][:-64]
    assert header[70] == brigade.size - 1
    longer = header[:70] + b"\xcc" + header[70:]
    brigade.entries[-1] = longer + key("brigade keeper").sign(SIGNED_PREFIX + longer)
    brigade.put()
    return world.given()
