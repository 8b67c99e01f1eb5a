"""Whoever has the disk deletes a photograph that an entry names which the auditor verified the last
time; the auditor asks for all of them. That an entry was verified before does not say that its
files are here now.
"""

from __future__ import annotations

VERDICT = "cannot tell"
STEP = 10
CODE = "attachment-absent"


def attack(world):
    next(path for path in (world.folder / "blobs").rglob("*") if path.is_file()).unlink()
    return world.given(marks=world.marks, resume=True, options={"all_attachments": True})
