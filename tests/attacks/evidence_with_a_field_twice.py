"""The brigade shows a receipt in part, and one of its fields two times, with the true value and
with another. A field is committed to once.
"""

from __future__ import annotations

from chainlog.format import canonical
from chainlog.format.entry import parse_entry

VERDICT = "tampered"
STEP = 6
CODE = "body"


def attack(world):
    got = world.at("got 0")
    honest, told = world.evidence("brigade", [got]), world.evidence("brigade", [got])
    row = next(
        entry for entry in told["chains"][0]["entries"] if parse_entry(entry[0]).header.index == got
    )
    slots = canonical.decode(row[1])
    place = next(at for at, slot in enumerate(slots) if slot[0] == "from")
    slots.insert(place, [*slots[place][:2], canonical.pack("nobody")])
    row[1] = canonical.pack(slots)
    return world.shown(told, honest)
