"""Whoever has the disk changes a body among the entries that the auditor verified the last time,
since the auditor now only looks at what is new. The auditor's note holds a digest of every record:
where one byte differs, all is verified again.
"""

from __future__ import annotations

from attacks.keys import transfer

VERDICT = "tampered"
STEP = 6
CODE = "body"


def attack(world):
    depot = world.chain("depot")
    depot.body(world.at("sent 3"), transfer())
    depot.put()
    return world.given(marks=world.marks, resume=True)
