"""Who makes the file writes the name of a field of it two times, so that one reader takes the
first, and another the last, for what is claimed. Canonical maps have each name once.
"""

from __future__ import annotations

from chainlog.format import canonical

VERDICT = "tampered"
STEP = 1
CODE = "evidence"


def attack(world):
    honest = world.evidence("depot", [2])
    data = canonical.pack(honest)
    again = canonical.pack("claim") + canonical.pack("range")
    twice = bytes([data[0] + 1]) + data[1:].replace(
        canonical.pack("claim"), again + canonical.pack("claim"), 1
    )
    return world.shown({}, honest, data=twice)
