"""The brigade's keeper signs the last entry anew in a version that no reader knows yet, in the hope
that it is passed over with all that depends on it. Nobody can say what it says: neither that it
holds, nor that it does not.
"""

from __future__ import annotations

from attacks.keys import key

from chainlog.format.entry import SIGNED_PREFIX

VERDICT = "cannot tell"
STEP = 1
CODE = "version"


def attack(world):
    brigade = world.chain("brigade")
    header = brigade.entries[-1][:-64]
    later = header[:1] + b"\x02" + header[2:]
    brigade.entries[-1] = later + key("brigade keeper").sign(SIGNED_PREFIX + later)
    brigade.put()
    return world.given()
