"""Whoever has the disk moves an entry's time by an hour, so that it seems to have been signed
before an inspection. The clock is a claim, but it is signed.
"""

from __future__ import annotations

from chainlog.format import canonical
from chainlog.format.entry import Header

VERDICT = "tampered"
STEP = 4
CODE = "signature"


def attack(world):
    brigade = world.chain("brigade")
    entry = brigade.entry(brigade.size - 1)
    told = {name: getattr(entry.header, name) for name in Header.__struct_fields__}
    brigade.entries[-1] = (
        canonical.pack(Header(**{**told, "time": entry.header.time - 3_600_000})) + entry.signature
    )
    brigade.put()
    return world.given()
