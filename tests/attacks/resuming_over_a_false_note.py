"""Whoever has the disk also reaches the auditor's folder, and lays a note of his own there, which
says that the altered chain was verified. Only a note by the auditor's key is believed.
"""

from __future__ import annotations

from attacks.keys import key, transfer

from chainlog.format.note import format_note
from chainlog.verifier.resume_note import Records, Verified, sign_verified

VERDICT = "tampered"
STEP = 6
CODE = "body"


def attack(world):
    depot = world.chain("depot")
    depot.body(world.at("sent 3"), transfer())
    depot.put()
    records = Records()
    for entry, body in zip(depot.entries, depot.bodies, strict=True):
        records.take(entry, body)
    false = Verified(
        depot.origin, depot.size, depot.told().root, records.digest(), world.chains["hq"]
    )
    note = world.home / "auditor" / "verified" / f"{depot.id.hex()}.verified"
    note.write_bytes(format_note(sign_verified(false, key("thief"))))
    return world.given(marks=world.marks, resume=True)
