"""Whoever has the disk replaces a photograph that an entry names which the auditor verified the
last time; no record changes. Files are looked at again each time.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 10
CODE = "attachment"


def attack(world):
    world.photo(b"photo 6").write_bytes(b"another photograph")
    return world.given(marks=world.marks, resume=True)
