"""The brigade shows a receipt in part, and gives the one field that it shows another value, with
the salt of the true one. Each field is committed to by itself.
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
    slots[place] = [*slots[place][:2], canonical.pack("nobody")]
    row[1] = canonical.pack(slots)
    return world.shown(told, honest)
