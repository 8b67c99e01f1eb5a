"""Whoever has the disk puts bytes between two records, to have a reader lose its place and skip
what follows. It picks up again at the next record, and says that what it could not read is there.
"""

from __future__ import annotations

from chainlog.format.record import format_record

VERDICT = "tampered"
STEP = 1
CODE = "damaged"


def attack(world):
    first = min(world.path("depot").glob("*.seg"))
    depot = world.chain("depot")
    at = len(format_record(depot.entries[0], depot.bodies[0]))
    data = first.read_bytes()
    first.write_bytes(data[:at] + b"\x92\xc4\x05trash" + data[at:])
    return world.given()
